/** A request to DigitalOcean, as it leaves. */
export interface DotsRequest {
  /** The call of the port that it is sent for. */
  call: string;
  method: string;
  url: string;
  /** JSON; null for none. */
  body: string | null;
  /** What of it is in no error: user-data. */
  privateText: string | null;
}
