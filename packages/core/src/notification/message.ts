import { messageIdOf } from "../ids.ts";
import type { DeliveryOutcome, Message, NotificationRecord } from "./types.ts";

/**
 * The message that an outcome posts, if it posts one.
 *
 * @param notification the one that is completed
 * @param outcome how its run ended
 * @param now milliseconds since the epoch, by the control plane's clock
 * @returns null for an agent's silence
 */
export function messageOf(
  notification: NotificationRecord,
  outcome: DeliveryOutcome,
  now: number,
): Message | null {
  if (outcome.kind !== "reply" && outcome.kind !== "truncated") return null;
  return {
    id: messageIdOf(notification.id),
    account: notification.account,
    agent: notification.agent,
    thread: notification.thread,
    notification: notification.id,
    text: outcome.text,
    truncated: outcome.kind === "truncated",
    repeated: notification.repeated,
    responseId: outcome.responseId,
    createdAt: now,
  };
}
