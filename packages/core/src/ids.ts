import { z } from "zod";
import { agentSlugPattern } from "./agent-slug-pattern.ts";

/** A tenant of the embedding platform, by the platform's own id: 1 to 128 characters, no control characters. */
export type AccountId = string & z.$brand<"AccountId">;
/** An OpenClaw agent by its slug, which is the gateway's agent id: `a-z 0-9 - _`, at most 64 characters. */
export type AgentSlug = string & z.$brand<"AgentSlug">;
/** A conversation, by the platform's own id: 1 to 256 characters, no control characters. */
export type ThreadId = string & z.$brand<"ThreadId">;
/** A notification, by the control plane's id: `ntf_` and a UUID. */
export type NotificationId = string & z.$brand<"NotificationId">;
/** A message, by the control plane's id: `msg_` and the UUID of the one notification that it answers. */
export type MessageId = string & z.$brand<"MessageId">;
/** The fencing token of a lease: `lse_` and a UUID. */
export type LeaseId = string & z.$brand<"LeaseId">;
/** The key of a conversation at the gateway; only `sessionKey` makes one. */
export type SessionKey = string & z.$brand<"SessionKey">;

// Control characters, and halves of surrogate pairs: neither survives a log line or UTF-8.
const plain = /^[^\p{Cc}\p{Cs}]+$/u;
const plainText = (max: number) => z.string().min(1).max(max).regex(plain, "must have no control characters");

/** Parses an {@link AccountId}. */
export const accountId = plainText(128).brand<"AccountId">();

/** Parses an {@link AgentSlug}. */
export const agentSlug = z
  .string()
  .regex(agentSlugPattern, "must be 1 to 64 of a-z, 0-9, - and _, and begin with a letter or digit")
  .brand<"AgentSlug">();
/** Parses a {@link ThreadId}. */
export const threadId = plainText(256).brand<"ThreadId">();
/** Parses a {@link NotificationId}. */
export const notificationId = z.templateLiteral(["ntf_", z.uuid()]).brand<"NotificationId">();
/** Parses a {@link LeaseId}. */
export const leaseId = z.templateLiteral(["lse_", z.uuid()]).brand<"LeaseId">();

/**
 * Makes a new {@link NotificationId}: a UUID of version 7, which begins with the time. Ids that are made and used one after
 * another lie side by side in an index, so that a control plane writes fewer of its pages.
 *
 * @param now milliseconds since the epoch, by the control plane's clock
 */
export function newNotificationId(now: number): NotificationId {
  const time = Math.trunc(now).toString(16).padStart(12, "0");
  const random = crypto.randomUUID().slice("xxxxxxxx-xxxx-4".length);
  return `ntf_${time.slice(0, 8)}-${time.slice(8)}-7${random}` as NotificationId;
}
/** Makes a new {@link LeaseId}. */
export const newLeaseId = (): LeaseId => `lse_${crypto.randomUUID()}` as LeaseId;

/**
 * The id of the message that answers a notification. It is derived, not drawn, so that a second message for the same
 * notification cannot be stored even by mistake (promise 3).
 *
 * @param id the notification
 */
export const messageIdOf = (id: NotificationId): MessageId => id.replace(/^ntf_/, "msg_") as MessageId;
