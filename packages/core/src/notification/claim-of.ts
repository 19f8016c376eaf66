import type { SessionKey } from "../ids.ts";
import type { Claim } from "../ports/delivery.ts";
import { mayHaveRun } from "./transition.ts";
import type { Notification } from "./types.ts";

/**
 * What a runtime is told of a notification that was just leased to it.
 *
 * @param notification as stored, with its lease
 * @param sessionKey the session to send it on
 */
export function claimOf(notification: Notification, sessionKey: SessionKey): Claim {
  return {
    lease: { notification: notification.id, id: notification.lease!.id },
    agent: notification.agent,
    thread: notification.thread,
    sessionKey,
    input: notification.input,
    instructions: notification.instructions,
    attempt: notification.attempts,
    maxAttempts: notification.maxAttempts,
    repeated: notification.repeated || mayHaveRun(notification.attempt),
    previous: notification.attempt,
  };
}
