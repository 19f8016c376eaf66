/** A queue that delivers inputs, as each of the peers is asked to. */
export interface Peer {
  /** Stores an input on one of the keys; resolves once it is durable. */
  add(index: number, key: string): Promise<void>;
  /** Begins to deliver, so many at a time. */
  start(concurrency: number, deliver: (index: number, key: string) => Promise<void>): Promise<void>;
  /** Ends it. */
  stop(): Promise<void>;
}
