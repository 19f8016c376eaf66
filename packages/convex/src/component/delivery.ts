/** A runtime's calls; see `RuntimePort` of core. Every one looks the token up first, by its SHA-256: it says which account. */
import {
  backoffFor,
  boundedFailure,
  checkBytes,
  checkWhole,
  completedBefore,
  failAnswer,
  hasGivenUp,
  LeaseLostError,
  limits,
  messageOf,
  type LeaseProof,
  type RuntimeReport,
} from "@lobstercontrol/core";
import { v } from "convex/values";
import {
  agentRoster,
  attemptStart,
  claim as claimValue,
  claimRequest,
  deliveryOutcome,
  directives,
  failure,
  leaseProof,
  message as messageValue,
  runtimeReport,
} from "../validators.ts";
import type { Doc } from "./_generated/dataModel.ts";
import { mutation, query, type QueryCtx } from "./_generated/server.ts";
import { holderOf } from "./accounts.ts";
import { claimFor } from "./claim.ts";
import { addMessage } from "./feeds.ts";
import { checkLabels } from "./labels.ts";
import { apply, notificationById, sessionKeyOf, recordOf } from "./notifications.ts";
import { noteRuntimeReport } from "./provision-records.ts";
import { acceptReport } from "./reports.ts";
import { findAgent, rosterOf } from "./roster.ts";
import { telling } from "../telling.ts";
import { wake } from "./wake.ts";

/** What a runtime says besides its reply. */
const smallBytes = 16 * 1024;
/** A report with all of its conditions, as JSON. */
const reportBytes = 128 * 1024;
const tokenHash = v.string();
const ref = v.union(v.null(), v.string());

/** Whose the token is, and what changes when there may be something to claim. */
export const isThereWork = query({
  args: { tokenHash },
  returns: v.object({ newest: v.union(v.null(), v.string()) }),
  handler: (ctx, args) =>
    telling(async () => {
      const { account } = await holderOf(ctx, args.tokenHash);
      const wakes = ctx.db.query("wakes").withIndex("by_account", (q) => q.eq("account", account.account));
      return { newest: (await wakes.order("desc").first())?._id ?? null };
    }),
});

/** The account of a token, and the token's id: for what a runtime does outside of a mutation. */
export const holder = query({
  args: { tokenHash },
  returns: v.object({ account: v.string(), token: v.string() }),
  handler: (ctx, args) =>
    telling(async () => {
      const { account, id } = await holderOf(ctx, args.tokenHash);
      return { account: account.account, token: id };
    }),
});

/** Hands out notifications. With each goes what the platform is asked for its context by. */
export const claim = mutation({
  args: { tokenHash, request: claimRequest, heartbeatInput: v.string(), maxAttempts: v.number() },
  returns: v.object({ account: v.string(), claims: v.array(v.object({ claim: claimValue, ref })) }),
  handler: (ctx, { request, ...args }) =>
    telling(async () => {
      const { account } = await holderOf(ctx, args.tokenHash);
      const { workerId, incarnation, claimId } = request;
      checkLabels({ workerId, incarnation, claimId });
      checkWhole("limit", request.limit, { least: 1, most: limits.claim });
      checkWhole("leaseMs", request.leaseMs, { least: 1, most: limits.leaseMs });
      const { heartbeatInput, maxAttempts } = args;
      const claims = await claimFor(
        ctx,
        account.account,
        request,
        { heartbeatInput, maxAttempts },
        Date.now(),
      );
      const refs = new Map<string, string | null>();
      for (const { agent } of claims) {
        if (!refs.has(agent)) refs.set(agent, (await findAgent(ctx, account.account, agent))?.ref ?? null);
      }
      return {
        account: account.account,
        claims: claims.map((one) => ({ claim: one, ref: refs.get(one.agent) ?? null })),
      };
    }),
});

/** Stores that an attempt is about to be sent. */
export const begin = mutation({
  args: { tokenHash, lease: leaseProof, attempt: attemptStart },
  returns: v.null(),
  handler: (ctx, { lease, attempt, ...args }) =>
    telling(async () => {
      const stored = await find(ctx, args.tokenHash, lease);
      const key = (await ctx.db.get("sessionKeys", stored.sessionKey))!;
      const { sessionMark, verdictBefore = null } = attempt;
      checkBytes("sessionMark", JSON.stringify(sessionMark), smallBytes);
      const sessionKey = sessionKeyOf(key);
      await apply(
        ctx,
        stored,
        { type: "begun", leaseId: lease.id, sessionKey, sessionMark, verdictBefore },
        Date.now(),
      );
      return null;
    }),
});

/** Makes a lease last from now. */
export const renew = mutation({
  args: { tokenHash, lease: leaseProof, leaseMs: v.number() },
  returns: v.null(),
  handler: (ctx, { lease, leaseMs, ...args }) =>
    telling(async () => {
      checkWhole("leaseMs", leaseMs, { least: 1, most: limits.leaseMs });
      const now = Date.now();
      const stored = await find(ctx, args.tokenHash, lease);
      await apply(ctx, stored, { type: "renewed", leaseId: lease.id, until: now + leaseMs }, now);
      return null;
    }),
});

/** Delivered: the reply and the end of the notification at once. Gives the message that was posted, for the platform. */
export const complete = mutation({
  args: { tokenHash, lease: leaseProof, outcome: deliveryOutcome },
  returns: v.object({
    answer: v.object({ message: v.union(v.literal("posted"), v.literal("duplicate"), v.literal("none")) }),
    posted: v.union(v.null(), v.object({ message: messageValue, ref })),
  }),
  handler: (ctx, { lease, outcome, ...args }) =>
    telling(async () => {
      if ("text" in outcome) checkBytes("reply", outcome.text, limits.replyBytes);
      checkBytes("responseId", outcome.responseId ?? "", smallBytes);
      const stored = await find(ctx, args.tokenHash, lease);
      const before = completedBefore(recordOf(stored), lease.id);
      if (before !== null) return { answer: before, posted: null };
      const now = Date.now();
      const completed = await apply(ctx, stored, { type: "completed", leaseId: lease.id, outcome }, now);
      const message = messageOf(recordOf(completed), outcome, now);
      if (message === null) return { answer: { message: "none" as const }, posted: null };
      await addMessage(ctx, message);
      const agent = await findAgent(ctx, message.account, message.agent);
      return { answer: { message: "posted" as const }, posted: { message, ref: agent?.ref ?? null } };
    }),
});

/** Not delivered: waits for its next attempt, or is dead. `random` is the jitter of the wait, in [0, 1). */
export const fail = mutation({
  args: {
    tokenHash,
    lease: leaseProof,
    failure,
    backoff: v.object({ baseMs: v.number(), capMs: v.number() }),
    random: v.number(),
  },
  returns: v.object({
    next: v.union(v.literal("retry"), v.literal("dead")),
    inMs: v.optional(v.number()),
  }),
  handler: (ctx, { lease, failure: told, backoff, random, ...args }) =>
    telling(async () => {
      const now = Date.now();
      const stored = await find(ctx, args.tokenHash, lease);
      const notification = recordOf(stored);
      if (hasGivenUp(notification, lease.id)) return failAnswer(notification, now);
      const bounded = boundedFailure(told);
      const backoffMs = backoffFor(notification, bounded, backoff, () => random);
      const event = { type: "failed", leaseId: lease.id, failure: bounded, backoffMs } as const;
      return failAnswer(recordOf(await apply(ctx, stored, event, now)), now);
    }),
});

/** Handed back untried. */
export const release = mutation({
  args: { tokenHash, lease: leaseProof },
  returns: v.null(),
  handler: (ctx, { lease, ...args }) =>
    telling(async () => {
      const stored = await find(ctx, args.tokenHash, lease);
      if (hasGivenUp(recordOf(stored), lease.id)) return null;
      await apply(ctx, stored, { type: "released", leaseId: lease.id }, Date.now());
      await wake(ctx, stored.account);
      return null;
    }),
});

/** The agents that the gateway should have. */
export const agents = query({
  args: { tokenHash },
  returns: agentRoster,
  handler: (ctx, args) =>
    telling(async () => {
      const { account } = await holderOf(ctx, args.tokenHash);
      return await rosterOf(ctx, account.account, account.rosterRevision);
    }),
});

/** How a runtime is, and what is wanted of it. */
export const report = mutation({
  args: { tokenHash, report: runtimeReport },
  returns: directives,
  handler: (ctx, { report: told, ...args }) =>
    telling(async () => {
      const { account } = await holderOf(ctx, args.tokenHash);
      checkReport(told);
      const now = Date.now();
      await noteRuntimeReport(ctx, account.account, args.tokenHash, now);
      return await acceptReport(ctx, account, told, now);
    }),
});

/** What the HTTP binding of core checks, too: a report is kept, and shown to the account's admin. */
function checkReport({ id, workerId, incarnation, version, gatewayVersion, ...rest }: RuntimeReport): void {
  checkLabels({ id, workerId, incarnation, version, gatewayVersion: gatewayVersion ?? "none" });
  checkWhole("sequence", rest.sequence, { least: 0, most: Number.MAX_SAFE_INTEGER });
  checkWhole("nextInMs", rest.nextInMs, { least: 1, most: limits.waitMs });
  checkWhole("conditions", rest.conditions.length, { least: 0, most: 50 });
  checkWhole("ended", rest.ended.length, { least: 0, most: 100 });
  checkBytes("report", JSON.stringify(rest), reportBytes);
}

/** A notification of another account looks like a lost lease: nothing tells that it exists. */
async function find(
  ctx: QueryCtx,
  hash: string,
  { notification }: LeaseProof,
): Promise<Doc<"notifications">> {
  const { account } = await holderOf(ctx, hash);
  const stored = await notificationById(ctx, account.account, notification);
  if (stored === null) throw new LeaseLostError({ notification });
  return stored;
}
