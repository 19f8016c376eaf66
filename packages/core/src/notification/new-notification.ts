import type { NotificationId } from "../ids.ts";
import type { Notification } from "./types.ts";

/** What a notification is about; it never changes. */
export type NotificationContent = Pick<
  Notification,
  "account" | "agent" | "thread" | "input" | "instructions" | "idempotencyKey"
>;

/**
 * A notification as it is first stored.
 *
 * @param content what it is about
 * @param place its id, its place among the notifications of its session key, and with how many attempts it is dead
 * @param now milliseconds since the epoch, by the control plane's clock
 */
export function newNotification(
  { account, agent, thread, input, instructions, idempotencyKey }: NotificationContent,
  { id, position, maxAttempts }: { id: NotificationId; position: number; maxAttempts: number },
  now: number,
): Notification {
  return {
    id,
    account,
    agent,
    thread,
    input,
    instructions,
    idempotencyKey,
    state: "pending",
    position,
    attempts: 0,
    maxAttempts,
    waits: 0,
    notBefore: now,
    lease: null,
    attempt: null,
    repeated: false,
    lastLeaseId: null,
    outcome: null,
    lastError: null,
    createdAt: now,
    deliveredAt: null,
  };
}

/**
 * Whether two contents are the same notification: what `notify` answers to an idempotency key that it knows.
 *
 * @param a one
 * @param b the other
 */
export function isSameContent(
  a: Omit<NotificationContent, "account" | "idempotencyKey">,
  b: Omit<NotificationContent, "account" | "idempotencyKey">,
): boolean {
  return (
    a.agent === b.agent && a.thread === b.thread && a.input === b.input && a.instructions === b.instructions
  );
}
