import type { LeaseId } from "../ids.ts";
import { limits } from "../limits.ts";
import { LeaseLostError, WrongStateError } from "./errors.ts";
import type { Attempt, Notification, NotificationEvent } from "./types.ts";

/**
 * Applies one event to a notification. Every control plane stores exactly what this returns, inside one transaction.
 *
 * @param notification as stored
 * @param event what happened
 * @param now milliseconds since the epoch, by the control plane's clock (never the runtime's)
 * @throws {LeaseLostError} `ERR_LEASE_LOST` when the event carries another lease than the notification has, or one that
 *   was taken away for running out; completion alone is still accepted from such a holder (promise 2)
 * @throws {WrongStateError} `ERR_WRONG_STATE` when the event does not fit the state
 */
export function transition(notification: Notification, event: NotificationEvent, now: number): Notification {
  switch (event.type) {
    case "claimed":
      requireState(notification, "pending");
      return {
        ...notification,
        state: "leased",
        lease: event.lease,
        attempts: notification.attempts + 1,
        repeated: notification.repeated || mayHaveRun(notification.attempt),
      };
    case "begun":
      requireLiveLease(notification, event.leaseId);
      return {
        ...notification,
        attempt: {
          number: notification.attempts,
          leaseId: event.leaseId,
          sessionKey: event.sessionKey,
          sessionMark: event.sessionMark,
          outcome: null,
        },
      };
    case "renewed": {
      const lease = requireLiveLease(notification, event.leaseId);
      return { ...notification, lease: { ...lease, until: event.until } };
    }
    case "completed":
      // Accepted after expiry too, as long as nobody else holds the lease: the run is done and paid for.
      requireLease(notification, event.leaseId);
      return {
        ...notification,
        state: "delivered",
        lease: null,
        lastLeaseId: event.leaseId,
        attempt: settled(notification.attempt, event.leaseId, "ran"),
        waits: 0,
        outcome: event.outcome.kind,
        lastError: null,
        deliveredAt: now,
      };
    case "failed": {
      requireLiveLease(notification, event.leaseId);
      const { failure } = event;
      const ended: Notification = {
        ...notification,
        lease: null,
        lastLeaseId: event.leaseId,
        attempt: settled(notification.attempt, event.leaseId, failure.outcome),
        attempts: notification.attempts - (failure.countsAttempt ? 0 : 1),
        waits: failure.countsAttempt ? 0 : notification.waits + 1,
        lastError: failure.reason,
      };
      return failure.retryable && ended.attempts < ended.maxAttempts
        ? { ...ended, state: "pending", notBefore: now + Math.min(event.backoffMs, limits.waitMs) }
        : { ...ended, state: "dead" };
    }
    case "released":
      requireLiveLease(notification, event.leaseId);
      return {
        ...notification,
        state: "pending",
        lease: null,
        lastLeaseId: event.leaseId,
        attempts: notification.attempts - 1,
        notBefore: now,
      };
    case "expired":
      requireState(notification, "leased");
      // The lease stays, so that a holder who was only slow may still hand in what was paid for.
      return notification.attempts < notification.maxAttempts
        ? { ...notification, state: "pending", notBefore: now }
        : { ...notification, state: "dead", lastError: vanished };
    case "redriven":
      requireState(notification, "dead");
      return {
        ...notification,
        state: "pending",
        lease: null,
        position: event.position,
        attempts: 0,
        waits: 0,
        notBefore: now,
      };
  }
}

const vanished = {
  code: "ERR_LEASE_EXPIRED",
  message: "The runtime stopped or stalled in every attempt: the last lease ran out unanswered.",
};

function requireLease(notification: Notification, leaseId: LeaseId): NonNullable<Notification["lease"]> {
  if (notification.lease?.id !== leaseId) throw new LeaseLostError({ notification: notification.id });
  return notification.lease;
}

/** As {@link requireLease}, for what would go on with the work: a lease that was taken away gives no right to that. */
function requireLiveLease(notification: Notification, leaseId: LeaseId): NonNullable<Notification["lease"]> {
  const lease = requireLease(notification, leaseId);
  if (notification.state !== "leased") throw new LeaseLostError({ notification: notification.id });
  return lease;
}

function requireState(notification: Notification, wanted: Notification["state"]): void {
  if (notification.state !== wanted)
    throw new WrongStateError({ notification: notification.id, state: notification.state, wanted });
}

function mayHaveRun(attempt: Attempt | null): boolean {
  return attempt !== null && attempt.outcome !== "notSent" && attempt.outcome !== "refused";
}

/** An attempt is settled only by the lease that began it: one that never began leaves the record of the one before. */
function settled(attempt: Attempt | null, leaseId: LeaseId, outcome: Attempt["outcome"]): Attempt | null {
  return attempt?.leaseId === leaseId ? { ...attempt, outcome } : attempt;
}
