import type { Notification, NotificationId, NotificationState } from "@lobstercontrol/core";
import { callOn, type Change, type Step } from "./step.ts";
import { Violation } from "./violation.ts";

const next: Record<NotificationState, readonly NotificationState[]> = {
  pending: ["pending", "leased", "delivered"],
  leased: ["leased", "pending", "delivered", "dead"],
  delivered: ["delivered"],
  // The holder of its last lease may still hand in what was paid for.
  dead: ["dead", "pending", "delivered"],
};

/** Promise 1: pending, leased, delivered or dead; dead only after all its attempts, or when no other can help. */
export function neverLost(nameOf: (id: NotificationId) => string) {
  const known = new Map<NotificationId, Notification>();
  /** The tries of each that count: those that were given up, and those that ran out. */
  const tries = new Map<NotificationId, number>();

  function countTries(call: Step["call"], { before, after }: Change): void {
    if (before?.state === "dead" && after.state === "pending") return void tries.set(after.id, 0);
    if (before?.state !== "leased" || (before.lease?.id === after.lease?.id && after.state === "leased"))
      return;
    const ended = callOn(call, after);
    const counts = ended === null || (ended.name === "fail" && ended.failure.countsAttempt);
    if (counts) tries.set(after.id, (tries.get(after.id) ?? 0) + 1);
  }

  return ({ call, changes }: Step, all: ReadonlyMap<NotificationId, Notification>): void => {
    for (const id of known.keys()) if (!all.has(id)) throw new Violation(1, `${nameOf(id)} has vanished`);
    for (const change of changes) {
      const { before, after } = change;
      const name = nameOf(after.id);
      known.set(after.id, after);
      if (before === null) continue;
      if (!next[before.state].includes(after.state))
        throw new Violation(1, `${name} went from ${before.state} to ${after.state}`);
      if (before.state === "dead" && after.state === "pending" && call?.name !== "redrive")
        throw new Violation(1, `${name} came back to life by itself`);
      countTries(call, change);
      const isHandedOut = after.state === "leased" && after.lease?.id !== before.lease?.id;
      const spent = tries.get(after.id) ?? 0;
      if (isHandedOut && after.attempts > spent + 1)
        throw new Violation(1, `${name} is at attempt ${after.attempts} although ${spent} have been spent`);
      const ended = callOn(call, after);
      const isGivenUp = ended?.name === "fail" && !ended.failure.retryable;
      if (before.state !== "dead" && after.state === "dead" && !isGivenUp) {
        if (spent < after.maxAttempts)
          throw new Violation(1, `${name} is dead after ${spent} of ${after.maxAttempts} attempts`);
      }
    }
  };
}
