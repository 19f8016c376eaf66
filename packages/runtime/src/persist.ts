import { fullJitter, LobsterError, sleep, type Clock } from "@lobstercontrol/core";

const backoff = { baseMs: 100, capMs: 5_000 };

/**
 * Repeats a call to the control plane until it is answered: a run that was paid for is not thrown away because the control
 * plane was away for a minute. What cannot get better (a lost lease, a revoked token) is thrown at once.
 *
 * @param signal gives up with the last error
 */
export async function persist<T>(
  call: () => Promise<T>,
  clock: Clock,
  random: () => number,
  signal: AbortSignal,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await call();
    } catch (error) {
      if (signal.aborted || (LobsterError.isInstance(error) && !error.retryable)) throw error;
      await sleep(clock, fullJitter(tries, backoff, random), signal);
      if (signal.aborted) throw error;
    }
  }
}
