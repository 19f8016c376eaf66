/** Time, as everything here reads it. Tests bring their own; see `createFakeClock` in `@lobstercontrol/core/testing`. */
export interface Clock {
  /** Milliseconds since the epoch. May jump, both ways: it is somebody's wall clock. */
  now(): number;
  /**
   * Calls `run` once after a delay.
   *
   * @param delayMs milliseconds from now
   * @param run must not throw
   * @returns cancels the call
   */
  after(delayMs: number, run: () => void): () => void;
}

/** The longest delay that timers take; a longer one would fire at once. */
const longestTimerMs = 2 ** 31 - 1;

/** The machine's clock and timers. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, Math.min(delayMs, longestTimerMs));
    return () => clearTimeout(timer);
  },
};

/**
 * Waits.
 *
 * @param clock whose time
 * @param delayMs milliseconds
 * @param signal ends the wait early, without an error
 */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const finish = (): void => {
      cancel();
      signal?.removeEventListener("abort", finish);
      resolve();
    };
    const cancel = clock.after(delayMs, finish);
    signal?.addEventListener("abort", finish, { once: true });
  });
}
