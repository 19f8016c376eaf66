/** The calls of an admin of one account, whom the app has authorised; see `AdminPort` of core. */
import {
  accountId,
  agentSlug,
  dropletFinding,
  NotFoundError,
  parse,
  runtimeInfo,
  TooManyTokensError,
  upgradeTarget,
  type AccountId,
} from "@lobstercontrol/core";
import { v } from "convex/values";
import {
  activity,
  message,
  notification,
  notificationState,
  pageFields,
  pageOf,
  runtimeInfo as runtimeInfoValue,
  serviceToken,
} from "../validators.ts";
import { mutation, query } from "./_generated/server.ts";
import { requireAccount, requireOpenAccount } from "./accounts.ts";
import { addActivity } from "./activities.ts";
import { messageFromDoc } from "./feeds.ts";
import { apply, nextPosition, notificationById, wholeOf } from "./notifications.ts";
import { newestFirst } from "./page.ts";
import { findRecord } from "./provision-records.ts";
import { addDirective, reportsOf } from "./reports.ts";
import { telling } from "../telling.ts";
import { wake } from "./wake.ts";

const account = v.string();
const actor = v.string();
const tokensPerAccount = 2;
/** With those that droplets brought. */
const goodTokens = 20;

const checked = (id: string): AccountId => parse(accountId, id, "account");

/** The notifications, newest first. */
export const notifications = query({
  args: {
    account,
    ...pageFields,
    state: v.optional(notificationState),
    agent: v.optional(v.string()),
  },
  returns: pageOf(notification),
  handler: (ctx, args) =>
    telling(async () => {
      const own = checked(args.account);
      const { state } = args;
      const agent = args.agent === undefined ? undefined : parse(agentSlug, args.agent, "agent");
      const table = ctx.db.query("notifications");
      return await newestFirst(
        args,
        (until) => {
          if (agent !== undefined && state !== undefined)
            return table
              .withIndex("by_agent_state", (q) =>
                q.eq("account", own).eq("agent", agent).eq("state", state).lte("_creationTime", until),
              )
              .order("desc");
          if (agent !== undefined)
            return table
              .withIndex("by_agent", (q) =>
                q.eq("account", own).eq("agent", agent).lte("_creationTime", until),
              )
              .order("desc");
          if (state !== undefined)
            return table
              .withIndex("by_state", (q) =>
                q.eq("account", own).eq("state", state).lte("_creationTime", until),
              )
              .order("desc");
          return table
            .withIndex("by_account", (q) => q.eq("account", own).lte("_creationTime", until))
            .order("desc");
        },
        (doc) => wholeOf(ctx, doc),
      );
    }),
});

/** Gives a dead notification new attempts. */
export const redrive = mutation({
  args: { account, actor, notification: v.string() },
  returns: v.null(),
  handler: (ctx, args) =>
    telling(async () => {
      const own = checked(args.account);
      const stored = await notificationById(ctx, own, args.notification);
      if (stored === null) throw new NotFoundError({ what: "notification", id: args.notification });
      const now = Date.now();
      const position = await nextPosition(ctx, stored.sessionKey);
      await apply(ctx, stored, { type: "redriven", position }, now);
      await addActivity(ctx, own, {
        type: "notification_redriven",
        actor: args.actor,
        subject: stored.id,
        at: now,
      });
      await wake(ctx, own);
      return null;
    }),
});

/** The messages, newest first. */
export const messages = query({
  args: { account, ...pageFields },
  returns: pageOf(message),
  handler: (ctx, args) =>
    telling(async () => {
      const own = checked(args.account);
      return await newestFirst(
        args,
        (until) =>
          ctx.db
            .query("messages")
            .withIndex("by_account", (q) => q.eq("account", own).lte("_creationTime", until))
            .order("desc"),
        messageFromDoc,
      );
    }),
});

/** Stores a token that an action made: its id and its SHA-256, never itself. */
export const issueServiceToken = mutation({
  args: { account, actor, id: v.string(), hash: v.string() },
  returns: v.null(),
  handler: (ctx, { id, hash, ...args }) =>
    telling(async () => {
      const own = checked(args.account);
      await requireOpenAccount(ctx, own);
      const good = await ctx.db
        .query("serviceTokens")
        .withIndex("by_account", (q) => q.eq("account", own).eq("revokedAt", null))
        .take(tokensPerAccount);
      if (good.length >= tokensPerAccount) throw new TooManyTokensError();
      const now = Date.now();
      await ctx.db.insert("serviceTokens", {
        id,
        account: own,
        hash,
        createdAt: now,
        createdBy: args.actor,
        revokedAt: null,
        provisioned: false,
      });
      await addActivity(ctx, own, { type: "service_token_issued", actor: args.actor, subject: id, at: now });
      return null;
    }),
});

/** The good tokens. */
export const serviceTokens = query({
  args: { account },
  returns: v.array(serviceToken),
  handler: (ctx, args) =>
    telling(async () => {
      const own = checked(args.account);
      const good = await ctx.db
        .query("serviceTokens")
        .withIndex("by_account", (q) => q.eq("account", own).eq("revokedAt", null))
        .take(goodTokens);
      return good.map(({ id, createdAt, createdBy }) => ({ id, createdAt, createdBy }));
    }),
});

/** Makes a token useless at once. */
export const revokeServiceToken = mutation({
  args: { account, actor, id: v.string() },
  returns: v.null(),
  handler: (ctx, { id, ...args }) =>
    telling(async () => {
      const own = checked(args.account);
      const good = await ctx.db
        .query("serviceTokens")
        .withIndex("by_account", (q) => q.eq("account", own).eq("revokedAt", null))
        .take(goodTokens);
      const token = good.find((candidate) => candidate.id === id);
      if (token === undefined) throw new NotFoundError({ what: "service token", id });
      const now = Date.now();
      await ctx.db.patch("serviceTokens", token._id, { revokedAt: now });
      await addActivity(ctx, own, { type: "service_token_revoked", actor: args.actor, subject: id, at: now });
      return null;
    }),
});

/** The audit log, newest first. */
export const activities = query({
  args: { account, ...pageFields },
  returns: pageOf(activity),
  handler: (ctx, args) =>
    telling(async () => {
      const own = checked(args.account);
      return await newestFirst(
        args,
        (until) =>
          ctx.db
            .query("activities")
            .withIndex("by_account", (q) => q.eq("account", own).lte("_creationTime", until))
            .order("desc"),
        ({ _id, type, actor: by, subject, at }) => ({ id: `act_${_id}`, type, actor: by, subject, at }),
      );
    }),
});

/** How the account's runtime is, computed now. Whoever is subscribed is told by upkeep when time alone changes it. */
export const runtime = query({
  args: { account },
  returns: runtimeInfoValue,
  handler: (ctx, args) =>
    telling(async () => {
      const own = checked(args.account);
      await requireAccount(ctx, own);
      const now = Date.now();
      const droplet = dropletFinding(await findRecord(ctx, own), now);
      return runtimeInfo(await reportsOf(ctx, own), droplet, now);
    }),
});

/** Asks something of the runtime. */
export const direct = mutation({
  args: {
    account,
    actor,
    kind: v.union(v.literal("restart"), v.literal("drain"), v.literal("resync"), v.literal("upgrade")),
    target: v.union(v.null(), v.string()),
  },
  returns: v.null(),
  handler: (ctx, { kind, ...args }) =>
    telling(async () => {
      const own = checked(args.account);
      const target = kind === "upgrade" ? parse(upgradeTarget, args.target, "target") : null;
      await requireOpenAccount(ctx, own);
      await addDirective(ctx, own, args.actor, { kind, target }, Date.now());
      await wake(ctx, own);
      return null;
    }),
});
