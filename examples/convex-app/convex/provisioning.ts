/**
 * Drives what admins have asked for. Each action does one bounded step and schedules the next; one that dies is made up for by the
 * next tick. Several at once do no harm: each step is a compare-and-swap on the record.
 */
import { allRecords } from "@lobstercontrol/core";
import { v } from "convex/values";
import { internal } from "./_generated/api.js";
import { internalAction } from "./_generated/server.js";
import { droplets } from "./lobster/droplets.ts";

/** What is due later than this is left to a later tick, in milliseconds. */
const soonMs = 60_000;

/** Looks for accounts whose droplet is being made or is to go. */
export const tick = internalAction({
  args: {},
  returns: v.null(),
  handler: async (ctx) => {
    for await (const { account, state, cleaned } of allRecords(droplets.provisionStore(ctx))) {
      if (state === "running" || state === "destroyed" || (state === "failed" && cleaned)) continue;
      await ctx.scheduler.runAfter(0, internal.provisioning.step, { account });
    }
    return null;
  },
});

/** Looks after the droplets that run: one may have vanished. */
export const lookAfter = internalAction({
  args: {},
  returns: v.null(),
  handler: async (ctx) => {
    for await (const { account, state } of allRecords(droplets.provisionStore(ctx))) {
      if (state === "running") await ctx.scheduler.runAfter(0, internal.provisioning.step, { account });
    }
    return null;
  },
});

/** One step for one account. No secret is an argument here: a scheduled function's are stored. */
export const step = internalAction({
  args: { account: v.string() },
  returns: v.null(),
  handler: async (ctx, { account }) => {
    const { nextInMs } = await droplets.provisioner(ctx).reconcile(account);
    if (nextInMs !== null && nextInMs < soonMs)
      await ctx.scheduler.runAfter(nextInMs, internal.provisioning.step, { account });
    return null;
  },
});
