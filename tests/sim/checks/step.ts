import type {
  Claim,
  ClaimRequest,
  Failure,
  LeaseProof,
  Notification,
  NotificationId,
} from "@lobstercontrol/core";

/** A call that has had its effect on the control plane. */
export type Call =
  | { name: "claim"; request: ClaimRequest; answer: readonly Claim[] | null }
  | { name: "fail"; lease: LeaseProof; failure: Failure }
  | { name: "begin" | "renew" | "complete" | "release"; lease: LeaseProof }
  | { name: "redrive"; notification: NotificationId };

/** One notification that is not what it was. */
export interface Change {
  before: Notification | null;
  after: Notification;
}

/** What one step did to the control plane. */
export interface Step {
  /** At most one. */
  call: Call | null;
  changes: readonly Change[];
}

/** The call, if it was made with a lease on this notification. */
export function callOn(
  call: Call | null,
  { id }: Notification,
): Exclude<Call, { name: "claim" | "redrive" }> | null {
  return call !== null && "lease" in call && call.lease.notification === id ? call : null;
}
