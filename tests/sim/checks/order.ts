import type { Notification, NotificationId } from "@lobstercontrol/core";
import type { Step } from "./step.ts";
import { Violation } from "./violation.ts";

/** Promise 4: one after another within a session key, oldest first; a redriven one goes to the end. */
export function order(nameOf: (id: NotificationId) => string) {
  const queues = new Map<string, NotificationId[]>();

  function ahead({ id, thread }: Notification): NotificationId[] {
    const queue = queues.get(thread)!;
    return queue.slice(0, queue.indexOf(id));
  }

  return ({ call, changes }: Step, all: ReadonlyMap<NotificationId, Notification>): void => {
    for (const { before, after } of changes) {
      const queue = queues.get(after.thread) ?? [];
      queues.set(after.thread, queue);
      if (before === null) queue.push(after.id);
      if (call?.name === "redrive" && call.notification === after.id)
        queue.push(...queue.splice(queue.indexOf(after.id), 1));
    }
    for (const { before, after } of changes) {
      const isTaken = after.state === "leased" && after.lease?.id !== before?.lease?.id;
      // One that had been dead has given up its place: what was behind it may have gone on.
      const isDone = after.state === "delivered" && before?.state !== "delivered" && before?.state !== "dead";
      if (!isTaken && !isDone) continue;
      for (const id of ahead(after)) {
        const { state } = all.get(id)!;
        if (state === "pending" || state === "leased")
          throw new Violation(
            4,
            `${nameOf(after.id)} is ${after.state} while ${nameOf(id)}, ahead of it, is ${state}`,
          );
      }
      for (const id of queues.get(after.thread)!)
        if (id !== after.id && after.state === "leased" && all.get(id)!.state === "leased")
          throw new Violation(
            4,
            `${nameOf(after.id)} and ${nameOf(id)} of one session key are leased at once`,
          );
    }
  };
}
