/** What an app does in functions of its own, for tests to call. Internal: with a deployment, its admin key opens them. */
import { v } from "convex/values";
import { internalAction, internalMutation, internalQuery } from "./_generated/server.js";
import { lobsterControl } from "./lobster/control.ts";

export const upsertAccount = internalMutation({
  args: { account: v.string() },
  handler: async (ctx, args) => await lobsterControl.upsertAccount(ctx, args),
});

export const closeAccount = internalMutation({
  args: { account: v.string() },
  handler: async (ctx, { account }) => await lobsterControl.closeAccount(ctx, account),
});

export const upsertAgent = internalMutation({
  args: {
    account: v.string(),
    agent: v.string(),
    ref: v.optional(v.string()),
    heartbeatEveryMs: v.optional(v.number()),
    files: v.optional(v.record(v.string(), v.string())),
  },
  handler: async (ctx, args) => await lobsterControl.upsertAgent(ctx, args),
});

export const removeAgent = internalMutation({
  args: { account: v.string(), agent: v.string() },
  handler: async (ctx, args) => await lobsterControl.removeAgent(ctx, args),
});

export const notify = internalMutation({
  args: {
    account: v.string(),
    agent: v.string(),
    thread: v.string(),
    input: v.string(),
    instructions: v.optional(v.string()),
    idempotencyKey: v.string(),
  },
  handler: async (ctx, args): Promise<string> => await lobsterControl.notify(ctx, args),
});

export const messages = internalQuery({
  args: { after: v.optional(v.string()), limit: v.optional(v.number()) },
  handler: async (ctx, args) => await lobsterControl.messages(ctx, args),
});

export const posted = internalQuery({
  args: {},
  handler: async (ctx) => await ctx.db.query("posted").order("desc").take(100),
});

export const fleet = internalAction({
  args: {},
  handler: async (ctx) => await lobsterControl.fleet(ctx),
});

export const rewrap = internalAction({
  args: { cursor: v.union(v.null(), v.string()), limit: v.number() },
  handler: async (ctx, { cursor, limit }) =>
    await lobsterControl.rewrapProviderKeys(ctx, { actor: { id: "operator" }, cursor, limit }),
});

export const forget = internalMutation({
  args: { days: v.number() },
  handler: async (ctx, args) => await lobsterControl.forget(ctx, args),
});
