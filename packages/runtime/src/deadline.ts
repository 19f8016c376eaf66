import type { Clock } from "@lobstercontrol/core";

/** The end of the time that something may take. */
export interface Deadline {
  isOver(): boolean;
  /** Frees its timer; it is never over then, unless it was. */
  cancel(): void;
}

/**
 * Begins to wait for it. It comes by timer: two looks at the clock would tell of a wall clock that was set in between.
 *
 * @param inMs milliseconds from now
 * @param signal cancels it: what is waited for may take longer to end
 */
export function startDeadline(clock: Clock, inMs: number, signal: AbortSignal): Deadline {
  let over = false;
  const stop = clock.after(inMs, () => (over = true));
  const cancel = (): void => {
    stop();
    signal.removeEventListener("abort", cancel);
  };
  signal.addEventListener("abort", cancel);
  if (signal.aborted) cancel();
  return { isOver: () => over, cancel };
}
