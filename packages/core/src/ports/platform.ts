import { z } from "zod";
import { heartbeatKeyPrefix, heartbeatThread } from "../heartbeat/heartbeat.ts";
import { accountId, agentSlug, threadId } from "../ids.ts";
import type { NotificationId } from "../ids.ts";
import type { Message } from "../notification/types.ts";

/** No halves of surrogate pairs: two names that differ in these alone are one in UTF-8. */
const wellFormed = /^\P{Cs}*$/u;
/** Text of people, which may have been cut in the middle of a character: what has no UTF-8 is stored as U+FFFD, everywhere alike. */
const text = z.string().transform((value) => value.replace(/\p{Cs}/gu, "\uFFFD"));

/** An account to register. */
export const accountInput = z.strictObject({ account: accountId });
/** An account to register. */
export type AccountInput = z.input<typeof accountInput>;

/** An agent to register. */
export const agentInput = z.strictObject({
  account: accountId,
  agent: agentSlug,
  ref: z.string().min(1).max(256).regex(wellFormed, "must be whole characters").optional(),
  heartbeatEveryMs: z.int().min(60_000).optional(),
  files: z
    .record(z.string().regex(/^[A-Z][A-Z_]{0,31}\.md$/, "must be named in capitals, such as SOUL.md"), text)
    .optional(),
});
/**
 * An agent to register: its slug, and optionally the platform's own id (`ref`), how often a heartbeat wakes it (at least a
 * minute), and the files of its workspace by name.
 */
export type AgentInput = z.input<typeof agentInput>;

/** Something that an agent must be told. */
export const notificationInput = z.strictObject({
  account: accountId,
  agent: agentSlug,
  thread: threadId.refine((thread) => thread !== heartbeatThread, "is the thread of heartbeats"),
  input: text.pipe(z.string().min(1)),
  instructions: text.pipe(z.string().min(1)).optional(),
  idempotencyKey: z
    .string()
    .min(1)
    .max(256)
    .regex(wellFormed, "must be whole characters")
    .refine((key) => !key.startsWith(heartbeatKeyPrefix), "is kept for heartbeats"),
});
/**
 * Something that an agent must be told: who (`account`, `agent`), where the reply belongs (`thread`), what (`input`, and
 * optionally `instructions` for the system prompt), and the platform's name for the cause (`idempotencyKey`).
 */
export type NotificationInput = z.input<typeof notificationInput>;

/** Some of the messages, in the order in which they were posted. */
export interface MessagePage {
  /** At least once, keyed by message id: store them by it. */
  messages: Message[];
  /** Hand it in as `after` for what comes next. The same as the one handed in when there was nothing new. */
  cursor: string;
}

/** What trusted server code of the embedding platform may do. Whoever holds it may act for every account. */
export interface PlatformPort {
  /** Registers an account, or leaves it as it is. A closed one is opened again. */
  upsertAccount(input: AccountInput): Promise<void>;
  /**
   * Closes an account: its service tokens stop working, its provider keys are removed, and nothing more is taken in for it.
   * Its notifications and messages stay.
   */
  closeAccount(account: string): Promise<void>;
  /**
   * Registers an agent or replaces what is known of it.
   *
   * @throws `ERR_NOT_FOUND` when there is no such account, or it is closed
   */
  upsertAgent(input: AgentInput): Promise<void>;
  /**
   * Takes an agent off the roster. New notifications for it are refused; those that are stored are still delivered, and the
   * roster shows it as leaving until they are.
   */
  removeAgent(input: { account: string; agent: string }): Promise<void>;
  /**
   * Stores that an agent must be told something; resolves once it cannot be lost any more (promise 1). The same
   * idempotency key again is the same notification.
   *
   * @throws `ERR_NOT_FOUND` when there is no such account or agent
   * @throws `ERR_IDEMPOTENCY_CONFLICT` when the key belongs to a notification with other content
   * @throws `ERR_TOO_LARGE` when the input or the instructions are over `limits`
   * @throws `ERR_INVALID_INPUT` when a field is not usable
   */
  notify(input: NotificationInput): Promise<NotificationId>;
  /**
   * The messages of all accounts after a cursor: how the platform joins in where it is not in the same transaction.
   *
   * @param page `after`: the cursor of the last page, nothing for the beginning; `limit`: 100 by default
   */
  messages(page?: { after?: string; limit?: number }): Promise<MessagePage>;
}
