import type { Clock } from "@lobstercontrol/core";
import type { Stop } from "./stop.ts";

/** What ends a wait when no byte comes for too long. */
export interface IdleLimit {
  clock: Clock;
  stop: Stop;
  /** Undefined for no limit of its own. */
  idleTimeoutMs?: number | undefined;
}

/** What `work` gives. The silence is measured only while it is waited for: a slow reader is not a silent gateway. */
export function unlessIdle<T>(work: Promise<T>, { clock, stop, idleTimeoutMs }: IdleLimit): Promise<T> {
  return idleTimeoutMs === undefined
    ? work
    : work.finally(clock.after(idleTimeoutMs, () => stop.end("idle")));
}
