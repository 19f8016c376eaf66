import {
  backoffFor,
  boundedFailure,
  failAnswer,
  hasGivenUp,
  type Failure,
  type LeaseId,
  type NotificationRecord,
} from "@lobstercontrol/core";
import type { Stored } from "./notifications.ts";
import type { Store } from "./store.ts";

/** An attempt that did not deliver; runs inside a write. See `DeliveryPort.fail`. */
export function fail(
  { notifications, clock, backoff, random }: Store,
  stored: Stored<NotificationRecord>,
  leaseId: LeaseId,
  told: Failure,
): { next: "retry" | "dead"; inMs?: number } {
  const now = clock.now();
  if (hasGivenUp(stored.notification, leaseId)) return failAnswer(stored.notification, now);
  const failure = boundedFailure(told);
  const backoffMs = backoffFor(stored.notification, failure, backoff, random);
  const failed = notifications.apply(stored, { type: "failed", leaseId, failure, backoffMs }, now);
  return failAnswer(failed.notification, now);
}
