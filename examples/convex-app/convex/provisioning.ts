/**
 * Drives what admins have asked for. Each action does one bounded step and schedules the next; one that dies is made up for by the
 * next tick. Several at once do no harm: each step is a compare-and-swap on the record.
 */
import { allRecords, isQuiet } from "@lobstercontrol/core";
import { v } from "convex/values";
import { internal } from "./_generated/api.js";
import { internalAction } from "./_generated/server.js";
import { droplets } from "./lobster/droplets.ts";

/** How often `tick` runs, in milliseconds; see crons.ts. */
const tickEveryMs = 60_000;
/** Between two droplets that are looked after: DigitalOcean takes 250 requests a minute. */
const apartMs = 1_000;

/** Looks for accounts whose droplet is being made or is to go. */
export const tick = internalAction({
  args: {},
  returns: v.null(),
  handler: async (ctx) => {
    const until = Date.now() + tickEveryMs;
    const store = droplets.provisionStore(ctx);
    for await (const record of allRecords(store, ["provisioning", "failed", "destroying"])) {
      if (isQuiet(record)) continue;
      const { account } = record;
      await ctx.scheduler.runAfter(0, internal.provisioning.step, { account, until });
    }
    return null;
  },
});

/** Looks after the droplets that run: one may have vanished. */
export const lookAfter = internalAction({
  args: {},
  returns: v.null(),
  handler: async (ctx) => {
    let inMs = 0;
    for await (const { account } of allRecords(droplets.provisionStore(ctx), ["running"])) {
      const until = Date.now() + inMs + tickEveryMs;
      await ctx.scheduler.runAfter(inMs, internal.provisioning.step, { account, until });
      inMs += apartMs;
    }
    return null;
  },
});

/**
 * One step for one account, and the next one when it is due before `until`, in milliseconds since the epoch. By then a tick begins
 * anew; without that end there would be one more row of steps with each tick. No secret is an argument: a scheduled function's are
 * stored.
 */
export const step = internalAction({
  args: { account: v.string(), until: v.number() },
  returns: v.null(),
  handler: async (ctx, { account, until }) => {
    const { nextInMs } = await droplets.provisioner(ctx).reconcile(account);
    if (nextInMs !== null && Date.now() + nextInMs < until)
      await ctx.scheduler.runAfter(nextInMs, internal.provisioning.step, { account, until });
    return null;
  },
});
