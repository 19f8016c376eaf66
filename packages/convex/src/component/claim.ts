import {
  claimOf,
  isDue,
  limits,
  sizeOf,
  WorkerFencedError,
  type AccountId,
  type Claim,
  type ClaimRequest,
} from "@lobstercontrol/core";
import type { Doc, Id } from "./_generated/dataModel.ts";
import type { MutationCtx } from "./_generated/server.ts";
import { derivedLeaseId } from "./derived-id.ts";
import { addHeartbeats } from "./heartbeats.ts";
import { apply, headOf, notificationById, sessionKeyOf, wholeOf } from "./notifications.ts";

/** How long a fenced incarnation is remembered, in milliseconds: far longer than any process stays suspended. */
const fencedForMs = 90 * 24 * 60 * 60_000;
/** The most that one mutation hands out, and takes away: it has a second, and 4,096 ranges to read, and each costs it a few. */
const atOnce = 200;
/** How much content one mutation hands out, in characters: an answer may have 16 MiB. */
const claimCharacters = 4 * 1024 * 1024;

/** What every control plane is told at a claim. */
export interface ClaimSettings {
  /** What an agent is told at its heartbeat. */
  heartbeatInput: string;
  /** With this many attempts a heartbeat is dead. */
  maxAttempts: number;
}

/** Hands out notifications; in the mutation of a claim. See `DeliveryPort.claim`. */
export async function claimFor(
  ctx: MutationCtx,
  account: AccountId,
  request: ClaimRequest,
  settings: ClaimSettings,
  now: number,
): Promise<Claim[]> {
  const incarnation = await takeOver(ctx, account, request, now);
  if (incarnation.claimId === request.claimId) return await claimedBefore(ctx, account, request, incarnation);

  await addHeartbeats(
    ctx,
    account,
    { input: settings.heartbeatInput, maxAttempts: settings.maxAttempts },
    now,
  );
  const claims: Claim[] = [];
  let characters = 0;
  for (const key of await readyKeys(ctx, account, now, Math.min(request.limit, atOnce))) {
    const head = await claimableHead(ctx, key._id, now);
    if (head === null) continue;
    const claim = await lease(ctx, key, head, request, now);
    claims.push(claim);
    characters += sizeOf(claim);
    if (characters > claimCharacters) break;
  }
  // An empty answer needs no memory: the same claim, repeated, may as well get something.
  if (claims.length > 0) {
    await ctx.db.patch("incarnations", incarnation._id, {
      claimId: request.claimId,
      claimed: claims.map((claim) => claim.lease.notification),
    });
  }
  return claims;
}

async function lease(
  ctx: MutationCtx,
  key: Doc<"sessionKeys">,
  head: Doc<"notifications">,
  { workerId, incarnation, claimId, leaseMs }: ClaimRequest,
  now: number,
): Promise<Claim> {
  const id = await derivedLeaseId(head.id, claimId, head.handedOut);
  const given = { id, workerId, incarnation, claimId, until: now + leaseMs };
  const leased = await apply(ctx, head, { type: "claimed", lease: given }, now);
  return claimOf(await wholeOf(ctx, leased), sessionKeyOf(key));
}

/**
 * The session keys that have something to claim, the one that has been ready longest first. A time that is further ahead than
 * anything waits was stored before the clock was set back, and has come; see `isDue` of core.
 */
async function readyKeys(
  ctx: MutationCtx,
  account: AccountId,
  now: number,
  limit: number,
): Promise<Doc<"sessionKeys">[]> {
  const ahead = await ctx.db
    .query("sessionKeys")
    .withIndex("by_ready", (q) => q.eq("account", account).gt("readyAt", now + limits.waitMs))
    .take(limit);
  const come = await ctx.db
    .query("sessionKeys")
    .withIndex("by_ready", (q) => q.eq("account", account).gte("readyAt", 0).lte("readyAt", now))
    .take(limit);
  return [...ahead, ...come].slice(0, limit);
}

/** The first notification of a key, once leases that ran out have been taken from their holders. */
async function claimableHead(
  ctx: MutationCtx,
  key: Id<"sessionKeys">,
  now: number,
): Promise<Doc<"notifications"> | null> {
  // A few in a row may have died of it; whoever claims next goes on.
  for (let tries = 0; tries < 4; tries++) {
    const head = await headOf(ctx, key);
    if (head?.state !== "leased") return head !== null && isDue(head.notBefore, now) ? head : null;
    if (!isDue(head.lease!.until, now)) return null;
    // Pending again, or dead when that was its last attempt; then the next of the key is the head.
    await apply(ctx, head, { type: "expired" }, now);
  }
  return null;
}

/**
 * Knows the incarnation that asks. One that was never seen is the newest of its worker: it fences the others and takes
 * their leases away at once, so that a restarted runtime need not wait for them to run out.
 */
async function takeOver(
  ctx: MutationCtx,
  account: AccountId,
  { workerId, incarnation }: ClaimRequest,
  now: number,
): Promise<Doc<"incarnations">> {
  const known = await findIncarnation(ctx, account, workerId, incarnation);
  if (known?.fenced === true) throw new WorkerFencedError({ workerId });
  if (known !== null) return known;

  const others = await ctx.db
    .query("incarnations")
    .withIndex("by_worker", (q) => q.eq("account", account).eq("workerId", workerId).eq("fenced", false))
    .take(atOnce);
  for (const other of others) await ctx.db.patch("incarnations", other._id, { fenced: true });
  const forgotten = await ctx.db
    .query("incarnations")
    .withIndex("by_start", (q) =>
      q
        .eq("account", account)
        .eq("fenced", true)
        .lt("startedAt", now - fencedForMs),
    )
    .take(atOnce);
  for (const old of forgotten) await ctx.db.delete("incarnations", old._id);
  const fields = {
    account,
    workerId,
    incarnation,
    fenced: false,
    claimId: null,
    claimed: [],
    startedAt: now,
  };
  const id = await ctx.db.insert("incarnations", fields);

  // The leases of a worker that had more than these run out by themselves.
  const leased = await ctx.db
    .query("notifications")
    .withIndex("by_state", (q) => q.eq("account", account).eq("state", "leased"))
    .take(atOnce);
  for (const notification of leased) {
    if (notification.lease?.workerId === workerId) await apply(ctx, notification, { type: "expired" }, now);
  }
  return (await ctx.db.get("incarnations", id))!;
}

/** What is known of one start of a worker. */
export async function findIncarnation(
  ctx: MutationCtx,
  account: AccountId,
  workerId: string,
  incarnation: string,
): Promise<Doc<"incarnations"> | null> {
  return await ctx.db
    .query("incarnations")
    .withIndex("by_incarnation", (q) =>
      q.eq("account", account).eq("workerId", workerId).eq("incarnation", incarnation),
    )
    .unique();
}

/** The answer to a claim that was asked before: those of its leases that are still its own. */
async function claimedBefore(
  ctx: MutationCtx,
  account: AccountId,
  request: ClaimRequest,
  incarnation: Doc<"incarnations">,
): Promise<Claim[]> {
  const claims: Claim[] = [];
  for (const id of incarnation.claimed) {
    const stored = await notificationById(ctx, account, id);
    if (stored?.state !== "leased" || stored.lease?.claimId !== request.claimId) continue;
    const key = (await ctx.db.get("sessionKeys", stored.sessionKey))!;
    claims.push(claimOf(await wholeOf(ctx, stored), sessionKeyOf(key)));
  }
  return claims;
}
