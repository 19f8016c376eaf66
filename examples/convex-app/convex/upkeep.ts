import { internal } from "./_generated/api.js";
import { v } from "convex/values";
import { internalAction, internalMutation } from "./_generated/server.js";
import { lobsterControl } from "./lobster/control.ts";

/** How long deliveries and activities are kept. The platform's own messages stay. */
const days = 90;

/** Deletes a part, and goes on with the next until there is nothing left. */
export const forget = internalMutation({
  args: {},
  returns: v.null(),
  handler: async (ctx) => {
    if (await lobsterControl.forget(ctx, { days }))
      await ctx.scheduler.runAfter(1_000, internal.upkeep.forget, {});
    return null;
  },
});

/** After an update of LobsterControl: `npx convex run upkeep:upgrade`. */
export const upgrade = internalMutation({
  args: {},
  returns: v.null(),
  handler: async (ctx) => {
    if (await lobsterControl.upgrade(ctx)) await ctx.scheduler.runAfter(0, internal.upkeep.upgrade, {});
    return null;
  },
});

/**
 * Brings all provider keys under the active master key: `npx convex run upkeep:rewrap`. It may end anywhere and be run again; when it
 * tells of none, none is under another key.
 */
export const rewrap = internalAction({
  args: {},
  returns: v.object({ rewrapped: v.number(), rejected: v.number() }),
  handler: async (ctx) => {
    const sum = { rewrapped: 0, rejected: 0 };
    for (let cursor: string | null = null, done = false; !done;) {
      const part = await lobsterControl.rewrapProviderKeys(ctx, { actor: { id: "operator" }, cursor });
      ({ cursor, done } = part);
      sum.rewrapped += part.rewrapped;
      sum.rejected += part.rejected;
    }
    return sum;
  },
});
