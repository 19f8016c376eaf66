import { heartbeatThread, type Notification, type NotificationId } from "@lobstercontrol/core";
import type { Step } from "./step.ts";
import { Violation } from "./violation.ts";

const isLive = ({ state }: Notification): boolean => state === "pending" || state === "leased";

/** A heartbeat is skipped while its agent is busy: it never waits behind one, and so there are never two at once. */
export function heartbeats(nameOf: (id: NotificationId) => string) {
  return ({ changes }: Step, all: ReadonlyMap<NotificationId, Notification>): void => {
    const isNew = new Set(changes.filter(({ before }) => before === null).map(({ after }) => after.id));
    for (const id of isNew) {
      const beat = all.get(id)!;
      if (beat.thread !== heartbeatThread) continue;
      for (const other of all.values())
        if (
          other.id !== id &&
          other.agent === beat.agent &&
          isLive(other) &&
          other.createdAt <= beat.createdAt
        )
          throw new Violation(4, `${nameOf(id)} was stored while ${nameOf(other.id)} is ${other.state}`);
    }
  };
}
