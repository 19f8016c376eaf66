/** Brings one thing that the control plane has (the roster, the provider keys) to the gateway, and proves that it is there. */
export interface Sync {
  /**
   * One try. Never rejects: what went wrong is a condition. Calls at the same time wait for one another.
   *
   * @param request what the control plane said is there now, and whether to bring it even if the gateway is believed to have it
   */
  sync(request: { wanted: number; force: boolean; signal: AbortSignal }): Promise<Synced>;
}

/** What came of a {@link Sync}. */
export interface Synced {
  /** The revision or generation that the gateway is proven to have; 0 for none. */
  proven: number;
  /** When to try again though nothing changed, in milliseconds; null when there is no reason to. */
  nextInMs: number | null;
  /** Whether this try, or without a reason for one the last, did not bring all of it: `proven` is from before then. */
  failed?: boolean;
}
