import type { LeaseId } from "../ids.ts";
import { limits } from "../limits.ts";
import { LeaseLostError, NoAttemptsLeftError, WrongStateError } from "./errors.ts";
import type {
  Attempt,
  Failure,
  Lease,
  NotificationEvent,
  NotificationRecord,
  NotificationState,
  SessionMark,
} from "./types.ts";

/**
 * Applies one event to a notification. Every control plane stores exactly what this returns, inside one transaction.
 *
 * @param notification as stored, whole or without what the agent is told
 * @param event what happened
 * @param now milliseconds since the epoch, by the control plane's clock (never the runtime's)
 * @throws {LeaseLostError} `ERR_LEASE_LOST` when the event carries another lease than the notification has, or one that
 *   was taken away for running out; from such a holder only the end of a run is accepted that it began itself (promise 2)
 * @throws {WrongStateError} `ERR_WRONG_STATE` when the event does not fit the state
 * @throws {NoAttemptsLeftError} `ERR_NO_ATTEMPTS_LEFT` when an attempt begins that is one too many
 */
export function transition<N extends NotificationRecord>(
  notification: N,
  event: NotificationEvent,
  now: number,
): N {
  switch (event.type) {
    case "claimed":
      requireState(notification, "pending");
      return {
        ...notification,
        state: "leased",
        lease: event.lease,
        attempts: notification.attempts + 1,
      };
    case "begun":
      requireLiveLease(notification, event.leaseId);
      // Its answer was lost, and it was called again.
      if (notification.attempt?.leaseId === event.leaseId) return notification;
      if (notification.attempts > notification.maxAttempts)
        throw new NoAttemptsLeftError({ notification: notification.id });
      return {
        ...notification,
        repeated:
          notification.repeated || (event.verdictBefore !== "notRun" && mayHaveRun(notification.attempt)),
        attempt: {
          number: notification.attempts,
          leaseId: event.leaseId,
          sessionKey: event.sessionKey,
          sessionMark: event.sessionMark,
          outcome: null,
          verdictBefore: event.verdictBefore,
        },
      };
    case "renewed": {
      const lease = requireLiveLease(notification, event.leaseId);
      return { ...notification, lease: { ...lease, until: event.until } };
    }
    case "completed":
      // Accepted after expiry too, as long as nobody else holds the lease: the run is done and paid for. But what was found in
      // the session's history may by then be the reply to the next notification of the key.
      if (notification.attempt?.leaseId === event.leaseId) requireLease(notification, event.leaseId);
      else requireLiveLease(notification, event.leaseId);
      return {
        ...notification,
        state: "delivered",
        lease: null,
        lastLeaseId: event.leaseId,
        // Whichever lease began it: a reply that was found in the session's history is that of the attempt before.
        attempt: notification.attempt === null ? null : { ...notification.attempt, outcome: "ran" },
        waits: 0,
        outcome: event.outcome.kind,
        lastError: null,
        deliveredAt: now,
      };
    case "failed": {
      requireLiveLease(notification, event.leaseId);
      const { failure } = event;
      const attempt = settled(notification.attempt, event.leaseId, failure);
      const attempts = notification.attempts - (failure.countsAttempt ? 0 : 1);
      const ended: N = {
        ...notification,
        lease: null,
        lastLeaseId: event.leaseId,
        attempt,
        attempts,
        waits: failure.countsAttempt ? 0 : notification.waits + 1,
        lastError: failure.reason,
      };
      const notBefore = now + Math.min(event.backoffMs, limits.waitMs);
      if (failure.retryable && attempts < notification.maxAttempts)
        return { ...ended, state: "pending", notBefore };
      // Promise 5: whether the last attempt ran is found out before the next notification goes out on its session key.
      return isUnresolved(attempt) && (failure.retryable || attempt.leaseId === event.leaseId)
        ? { ...ended, state: "pending", notBefore, attempts: notification.maxAttempts }
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
      return notification.attempts <
        notification.maxAttempts + (isUnresolved(notification.attempt) ? maxLooks : 0)
        ? { ...notification, state: "pending", notBefore: now }
        : { ...notification, state: "dead", lastError: vanished };
    case "redriven":
      requireState(notification, "dead");
      return {
        ...notification,
        state: "pending",
        lease: null,
        // Others may have used the session since it died: what the session tells is not about its attempt any more.
        attempt: notification.attempt === null ? null : { ...notification.attempt, sessionMark: null },
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

function requireLease(notification: NotificationRecord, leaseId: LeaseId): Lease {
  if (notification.lease?.id !== leaseId) throw new LeaseLostError({ notification: notification.id });
  return notification.lease;
}

/** As {@link requireLease}, for what would go on with the work: a lease that was taken away gives no right to that. */
function requireLiveLease(notification: NotificationRecord, leaseId: LeaseId): Lease {
  const lease = requireLease(notification, leaseId);
  if (notification.state !== "leased") throw new LeaseLostError({ notification: notification.id });
  return lease;
}

function requireState(notification: NotificationRecord, wanted: NotificationState): void {
  if (notification.state !== wanted)
    throw new WrongStateError({ notification: notification.id, state: notification.state, wanted });
}

/**
 * Whether an attempt ran, or may have: what the agent does next it may be doing again.
 *
 * @param attempt as stored; null when none began
 */
export function mayHaveRun(attempt: Attempt | null): boolean {
  return attempt !== null && attempt.outcome !== "notSent" && attempt.outcome !== "refused";
}

/**
 * Whether nobody saw an attempt end and there is a mark to look into its session with.
 *
 * @param attempt as stored; null when none began
 */
export function isUnresolved(attempt: Attempt | null): attempt is Attempt & { sessionMark: SessionMark } {
  return (
    attempt !== null &&
    attempt.sessionMark !== null &&
    (attempt.outcome === null || attempt.outcome === "maybeRan")
  );
}

/** A look that takes its runtime down each time must end, too: so many leases in a row may run out over one. */
const maxLooks = 5;

/** The attempt that this lease began, or else the one before, when this lease found out what became of it. */
function settled(attempt: Attempt | null, leaseId: LeaseId, { outcome, retryable }: Failure): Attempt | null {
  if (attempt === null) return null;
  return attempt.leaseId === leaseId || (isUnresolved(attempt) && !retryable)
    ? { ...attempt, outcome }
    : attempt;
}
