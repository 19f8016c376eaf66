import {
  newNotification,
  readyAt,
  sessionKey,
  transition,
  type AccountId,
  type Notification,
  type NotificationContent,
  type NotificationEvent,
  type NotificationId,
  type NotificationRecord,
  type SessionKey,
} from "@lobstercontrol/core";
import type { Doc, Id } from "./_generated/dataModel.ts";
import type { MutationCtx, QueryCtx } from "./_generated/server.ts";
import { derivedNotificationId } from "./derived-id.ts";

/** Stores a new one at the end of its session key. */
export async function addNotification(
  ctx: MutationCtx,
  content: NotificationContent,
  maxAttempts: number,
  now: number,
): Promise<NotificationId> {
  const key = await sessionKeyFor(ctx, content);
  const id = await derivedNotificationId(content.account, content.idempotencyKey, now);
  const position = key.lastPosition + 1;
  const { input, instructions, ...fields } = newNotification(content, { id, position, maxAttempts }, now);
  const notification = await ctx.db.insert("notifications", {
    ...fields,
    live: true,
    sessionKey: key._id,
    handedOut: 0,
  });
  await ctx.db.insert("contents", { account: content.account, notification, input, instructions });
  await ctx.db.patch("sessionKeys", key._id, { lastPosition: position, readyAt: key.readyAt ?? now });
  return id;
}

async function sessionKeyFor(
  ctx: MutationCtx,
  { account, agent, thread }: NotificationContent,
): Promise<Doc<"sessionKeys">> {
  const known = await ctx.db
    .query("sessionKeys")
    .withIndex("by_parts", (q) => q.eq("account", account).eq("agent", agent).eq("thread", thread))
    .unique();
  if (known !== null) return known;
  const fresh = { account, agent, thread, epoch: 0, lastPosition: 0, readyAt: null };
  const id = await ctx.db.insert("sessionKeys", fresh);
  return (await ctx.db.get("sessionKeys", id))!;
}

/** By its id, within the account. */
export async function notificationById(
  ctx: QueryCtx,
  account: AccountId,
  id: string,
): Promise<Doc<"notifications"> | null> {
  return await ctx.db
    .query("notifications")
    .withIndex("by_notification", (q) => q.eq("account", account).eq("id", id as NotificationId))
    .unique();
}

/** By the platform's name for its cause. */
export async function notificationByCause(
  ctx: QueryCtx,
  account: AccountId,
  idempotencyKey: string,
): Promise<Doc<"notifications"> | null> {
  return await ctx.db
    .query("notifications")
    .withIndex("by_cause", (q) => q.eq("account", account).eq("idempotencyKey", idempotencyKey))
    .unique();
}

/** The first of a session key that is neither delivered nor dead. */
export async function headOf(ctx: QueryCtx, key: Id<"sessionKeys">): Promise<Doc<"notifications"> | null> {
  return await ctx.db
    .query("notifications")
    .withIndex("by_turn", (q) => q.eq("sessionKey", key).eq("live", true))
    .first();
}

/** What its agent is told. Read only where it is needed: it may be half a megabyte. */
export async function contentOf(
  ctx: QueryCtx,
  notification: Id<"notifications">,
): Promise<Pick<Notification, "input" | "instructions">> {
  const { input, instructions } = (await ctx.db
    .query("contents")
    .withIndex("by_notification", (q) => q.eq("notification", notification))
    .unique())!;
  return { input, instructions };
}

/** A stored notification, whole. */
export async function wholeOf(ctx: QueryCtx, doc: Doc<"notifications">): Promise<Notification> {
  return { ...recordOf(doc), ...(await contentOf(ctx, doc._id)) };
}

/** The key of a session at the gateway. */
export const sessionKeyOf = ({ account, agent, thread, epoch }: Doc<"sessionKeys">): SessionKey =>
  sessionKey({ account, agent, thread, epoch });

/**
 * Applies an event and stores what comes of it, by the state machine of core, and keeps `readyAt` of the session key true.
 *
 * @param now milliseconds since the epoch: that of the mutation
 */
export async function apply(
  ctx: MutationCtx,
  doc: Doc<"notifications">,
  event: NotificationEvent,
  now: number,
): Promise<Doc<"notifications">> {
  const next = transition(recordOf(doc), event, now);
  const { state, position, attempts, waits, notBefore, lease } = next;
  const { attempt, repeated, lastLeaseId, outcome, lastError, deliveredAt } = next;
  const changed = {
    state,
    live: state === "pending" || state === "leased",
    position,
    attempts,
    waits,
    notBefore,
    lease,
    attempt,
    repeated,
    lastLeaseId,
    outcome,
    lastError,
    deliveredAt,
    handedOut: doc.handedOut + (event.type === "claimed" ? 1 : 0),
  };
  await ctx.db.patch("notifications", doc._id, changed);
  // `begun` changes neither the state nor a time.
  if (event.type !== "begun") await refreshReadyAt(ctx, doc.sessionKey, now);
  return { ...doc, ...changed };
}

/** The place behind the last notification of a session key. */
export async function nextPosition(ctx: MutationCtx, id: Id<"sessionKeys">): Promise<number> {
  const { lastPosition } = (await ctx.db.get("sessionKeys", id))!;
  await ctx.db.patch("sessionKeys", id, { lastPosition: lastPosition + 1 });
  return lastPosition + 1;
}

/** A key that was waiting for nothing but its turn becomes ready now, behind the keys that were ready before it. */
export async function refreshReadyAt(ctx: MutationCtx, id: Id<"sessionKeys">, now: number): Promise<void> {
  const at = readyAt(await headOf(ctx, id));
  await ctx.db.patch("sessionKeys", id, { readyAt: at === null ? null : Math.max(at, now) });
}

/** A stored notification, without its content, which only an agent needs. */
export function recordOf(doc: Doc<"notifications">): NotificationRecord {
  const { _id, _creationTime, sessionKey: _key, live: _live, handedOut: _count, ...record } = doc;
  return record;
}
