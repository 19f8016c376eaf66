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
 */
export function startDeadline(clock: Clock, inMs: number): Deadline {
  let over = false;
  const cancel = clock.after(inMs, () => (over = true));
  return { isOver: () => over, cancel };
}
