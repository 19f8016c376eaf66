import { isDue, type LeaseId, type Notification, type NotificationId } from "@lobstercontrol/core";
import { callOn, type Change, type Step } from "./step.ts";
import { Violation } from "./violation.ts";

/** Promise 2: one live lease for a notification, nothing is written without it, and a repeated claim gives no others. */
export function leases(nameOf: (id: NotificationId) => string, clock: { now(): number }) {
  const seen = new Set<LeaseId>();
  /** By incarnation: its last claim that was given something. */
  const lastClaims = new Map<string, { claimId: string; ids: Map<LeaseId, NotificationId> }>();
  /** By worker: its starts, oldest first. */
  const starts = new Map<string, string[]>();

  function checkClaim(call: Step["call"], all: ReadonlyMap<NotificationId, Notification>): void {
    if (call?.name !== "claim" || call.answer === null) return;
    const { workerId, incarnation, claimId } = call.request;
    const ofWorker = starts.get(workerId) ?? [];
    starts.set(workerId, ofWorker);
    if (!ofWorker.includes(incarnation)) ofWorker.push(incarnation);
    if (call.answer.length > 0 && ofWorker.at(-1) !== incarnation)
      throw new Violation(2, `a process was given leases although a newer one of ${workerId} had claimed`);

    const ids = new Map(call.answer.map(({ lease }) => [lease.id, lease.notification]));
    const last = lastClaims.get(incarnation);
    const before = last?.claimId === claimId ? last.ids : null;
    for (const [id, notification] of before ?? []) {
      const { state, lease } = all.get(notification)!;
      if (state === "leased" && lease?.id === id && !ids.has(id))
        throw new Violation(2, `a repeated claim left out its lease on ${nameOf(notification)}`);
    }
    for (const [id, notification] of ids) {
      if (all.get(notification)!.lease?.id !== id)
        throw new Violation(2, `a lease on ${nameOf(notification)} was handed out that it does not have`);
      if (before !== null && !before.has(id))
        throw new Violation(2, `a repeated claim was given another lease, on ${nameOf(notification)}`);
      if (before === null && seen.has(id))
        throw new Violation(2, `the lease on ${nameOf(notification)} was handed out twice`);
      seen.add(id);
    }
    if (before === null && ids.size > 0) lastClaims.set(incarnation, { claimId, ids });
  }

  function checkHolder(call: Step["call"], { before, after }: Change): void {
    const write = callOn(call, after);
    if (before === null || write === null) return;
    const holds = before.lease?.id === write.lease.id;
    const mayWrite = holds && (before.state === "leased" || write.name === "complete");
    if (!mayWrite) throw new Violation(2, `a stale holder changed ${nameOf(after.id)} by ${write.name}`);
  }

  function checkTakeOver(call: Step["call"], { before, after }: Change): void {
    if (before?.state !== "leased" || before.lease === null || callOn(call, after) !== null) return;
    if (after.state === "leased" && after.lease?.id === before.lease.id) return;
    const { lease } = before;
    const isRestart =
      call?.name === "claim" &&
      call.request.workerId === lease.workerId &&
      call.request.incarnation !== lease.incarnation;
    if (!isRestart && !isDue(lease.until, clock.now()))
      throw new Violation(2, `the live lease on ${nameOf(after.id)} was taken away`);
  }

  return ({ call, changes }: Step, all: ReadonlyMap<NotificationId, Notification>): void => {
    for (const change of changes) {
      checkHolder(call, change);
      checkTakeOver(call, change);
    }
    checkClaim(call, all);
  };
}
