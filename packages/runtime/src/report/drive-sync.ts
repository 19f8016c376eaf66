import type { Clock } from "@lobstercontrol/core";
import type { Sync, Synced } from "../sync.ts";

/** Has a {@link Sync} done when there is a reason to. */
export interface SyncDrive {
  /** What the control plane says is there now: brought to the gateway, unless that was tried already. */
  want(wanted: number): void;
  /** Brings it again, whatever the gateway is believed to have; `failed` too when it is not known what, or too late. */
  resync(): Promise<Synced>;
  /** The revision that the gateway is proven to have; 0 for none. */
  proven(): number;
  /** The revision that the control plane last told of; null before. */
  wanted(): number | null;
  /** Ends what is under way. */
  stop(): void;
}

/**
 * Drives a sync: by what the control plane tells, and by the sync's own wish to try again.
 *
 * @param onSynced called after each try
 */
export function driveSync(sync: Sync, clock: Clock, onSynced: () => void): SyncDrive {
  const stopping = new AbortController();
  let wanted: number | null = null;
  let synced: Synced = { proven: 0, nextInMs: null };
  let turn: Promise<unknown> = Promise.resolve();
  let cancel = (): void => {};

  async function once(force: boolean): Promise<Synced> {
    cancel();
    if (stopping.signal.aborted || wanted === null) return { ...synced, failed: true };
    synced = await sync.sync({ wanted, force, signal: stopping.signal });
    if (stopping.signal.aborted) return synced;
    if (synced.nextInMs !== null) cancel = clock.after(synced.nextInMs, () => void queue(false));
    onSynced();
    return synced;
  }

  function queue(force: boolean): Promise<Synced> {
    const result = turn.then(() => once(force));
    turn = result.catch(() => {});
    return result;
  }

  return {
    want(next) {
      if (next === wanted) return;
      wanted = next;
      void queue(false);
    },
    resync: () => queue(true),
    proven: () => synced.proven,
    wanted: () => wanted,
    stop() {
      stopping.abort();
      cancel();
    },
  };
}
