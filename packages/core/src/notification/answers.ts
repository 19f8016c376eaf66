/** What a control plane answers to calls that may be repetitions, and how long it lets a failed notification wait. */
import { fullJitter, type BackoffOptions } from "../backoff.ts";
import type { LeaseId } from "../ids.ts";
import { limits, truncateBytes } from "../limits.ts";
import type { Failure, NotificationRecord } from "./types.ts";

/**
 * Whether this lease has failed or released the notification already: the call is a repetition, and changes nothing.
 *
 * @param notification as stored
 * @param leaseId of the call
 */
export function hasGivenUp({ lease, lastLeaseId, state }: NotificationRecord, leaseId: LeaseId): boolean {
  return lease === null && lastLeaseId === leaseId && state !== "delivered";
}

/**
 * What `complete` answers to a repetition; null when the call is none.
 *
 * @param notification as stored
 * @param leaseId of the call
 */
export function completedBefore(
  { state, lastLeaseId, outcome }: NotificationRecord,
  leaseId: LeaseId,
): { message: "duplicate" | "none" } | null {
  if (state !== "delivered" || lastLeaseId !== leaseId) return null;
  return { message: outcome === "reply" || outcome === "truncated" ? "duplicate" : "none" };
}

/**
 * What `fail` answers.
 *
 * @param notification as it is after the failure
 * @param now milliseconds since the epoch, by the control plane's clock
 */
export function failAnswer(
  notification: NotificationRecord,
  now: number,
): { next: "retry" | "dead"; inMs?: number } {
  return notification.state === "dead"
    ? { next: "dead" }
    : { next: "retry", inMs: Math.max(0, notification.notBefore - now) };
}

/**
 * How long a notification waits after a failure, in milliseconds. Tries that count and tries that do not are two rows of
 * failures, each with its own growing wait.
 *
 * @param notification as it is before the failure
 * @param failure what the runtime reports
 * @param backoff the bounds
 * @param random gives a number in [0, 1)
 */
export function backoffFor(
  notification: NotificationRecord,
  failure: Failure,
  backoff: BackoffOptions,
  random: () => number,
): number {
  const tries = failure.countsAttempt ? notification.attempts : notification.waits + 1;
  return Math.max(fullJitter(tries, backoff, random), failure.retryAfterMs ?? 0);
}

/**
 * A failure as it is stored and sent: cut and rounded, not refused. One that could not be told would be tried again as if
 * nobody had told it.
 *
 * @param failure what a runtime reports
 */
export function boundedFailure(failure: Failure): Failure {
  const { reason, retryAfterMs, ...rest } = failure;
  return {
    ...rest,
    reason: {
      code: truncateBytes(reason.code, 256),
      message: truncateBytes(reason.message, limits.reasonBytes),
    },
    ...(retryAfterMs !== undefined && retryAfterMs > 0 && Number.isFinite(retryAfterMs)
      ? { retryAfterMs: Math.ceil(retryAfterMs) }
      : {}),
  };
}
