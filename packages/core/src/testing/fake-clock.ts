import type { Clock } from "../clock.ts";

/** A clock that stands still until a test moves it. */
export interface FakeClock extends Clock {
  /**
   * Moves time on, and calls what falls due, in order.
   *
   * @param byMs milliseconds
   */
  advance(byMs: number): void;
  /**
   * Sets the wall clock, as an administrator or NTP would: timers do not notice.
   *
   * @param byMs milliseconds, negative for back
   */
  jump(byMs: number): void;
  /** How many timers are waiting. */
  waiting(): number;
}

/**
 * Makes a clock for tests.
 *
 * @param startMs milliseconds since the epoch
 *
 * @example
 * ```ts
 * import { createFakeClock } from "@lobstercontrol/core/testing";
 *
 * const clock = createFakeClock();
 * clock.after(1_000, () => console.log("a second later"));
 * clock.advance(1_000);
 * ```
 */
export function createFakeClock(startMs = 1_700_000_000_000): FakeClock {
  let elapsedMs = 0;
  let offsetMs = startMs;
  const timers = new Set<{ at: number; run: () => void }>();

  return {
    now: () => offsetMs + elapsedMs,
    after(delayMs, run) {
      const timer = { at: elapsedMs + delayMs, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(byMs) {
      const until = elapsedMs + byMs;
      for (;;) {
        const [next] = [...timers].filter((timer) => timer.at <= until).toSorted((a, b) => a.at - b.at);
        if (next === undefined) break;
        timers.delete(next);
        elapsedMs = Math.max(elapsedMs, next.at);
        next.run();
      }
      elapsedMs = until;
    },
    jump(byMs) {
      offsetMs += byMs;
    },
    waiting: () => timers.size,
  };
}
