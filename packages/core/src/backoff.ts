/** How long to wait between tries. */
export interface BackoffOptions {
  /** The upper bound after the first try, in milliseconds. It doubles with each further try. */
  baseMs: number;
  /** The upper bound that is never exceeded, in milliseconds. */
  capMs: number;
}

/**
 * Exponential backoff with full jitter: any delay between zero and the bound is equally likely, so that those who failed
 * together do not come back together.
 *
 * Source of the rule: [Exponential Backoff and Jitter](https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
 *
 * @param tries how many tries have failed so far, at least 1
 * @param options the bounds
 * @param random gives a number in [0, 1)
 * @returns milliseconds, a whole number
 *
 * @example
 * ```ts
 * import { fullJitter } from "@lobstercontrol/core";
 *
 * const delayMs = fullJitter(3, { baseMs: 1_000, capMs: 60_000 }); // anything from 0 to 4,000
 * console.log(delayMs);
 * ```
 */
export function fullJitter(
  tries: number,
  options: BackoffOptions,
  random: () => number = Math.random,
): number {
  // A negative power would shrink the base; 2 ** 1100 is Infinity, which times a base of zero is no number at all.
  const power = Math.min(1_000, Math.max(0, tries - 1));
  const boundMs = Math.min(options.capMs, options.baseMs * 2 ** power);
  return Math.floor(random() * boundMs);
}
