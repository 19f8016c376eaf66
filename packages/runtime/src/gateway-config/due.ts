import type { Clock } from "@lobstercontrol/core";

/** When a sync has something to do. */
export interface Due {
  /** Whether there is reason to act: what is wanted was not seen yet, or the wait is over. */
  isDue(wanted: number): boolean;
  /** What was asked for and what was found instead, and when to look again though nothing changed; null for never. */
  settle(seen: readonly number[], inMs: number | null): void;
  /** How long until then, in milliseconds; null for never. */
  inMs(): number | null;
}

/** Keeps a sync from asking again and again for what it has seen: each time it asks for keys is an activity. */
export function createDue(clock: Clock): Due {
  let seen: readonly number[] = [];
  let wait: { since: number; inMs: number } | null = null;

  function inMs(): number | null {
    if (wait === null) return null;
    const passed = clock.now() - wait.since;
    // Somebody set the clock back: better too early than a day late.
    return passed < 0 ? 0 : Math.max(0, wait.inMs - passed);
  }

  return {
    isDue: (wanted) => !seen.includes(wanted) || inMs() === 0,
    settle(what, againInMs) {
      seen = what;
      wait = againInMs === null ? null : { since: clock.now(), inMs: againInMs };
    },
    inMs,
  };
}
