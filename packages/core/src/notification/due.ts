import { limits } from "../limits.ts";
import type { Notification } from "./types.ts";

/**
 * When the session key of these notifications has work to hand out, given the first that is neither delivered nor dead.
 *
 * That one alone decides, which is promise 4: a retry that waits, or a lease that runs, holds back everything behind it.
 *
 * @param head the first notification of the session key that is pending or leased; null when there is none
 * @returns milliseconds since the epoch; null for never
 */
export function readyAt(head: Pick<Notification, "state" | "lease" | "notBefore"> | null): number | null {
  if (head === null) return null;
  return head.state === "leased" && head.lease !== null ? head.lease.until : head.notBefore;
}

/**
 * Whether a stored time has come.
 *
 * Nothing here ever waits longer than `limits.waitMs`. A time further ahead was therefore written before the clock was
 * set back, and has come: otherwise a clock that was a day fast would stop delivery for a day.
 *
 * @param at milliseconds since the epoch, as stored
 * @param now milliseconds since the epoch, by the control plane's clock
 */
export function isDue(at: number, now: number): boolean {
  return at <= now || at > now + limits.waitMs;
}
