/**
 * What time alone changes, and what grows old. Nothing depends on it being in time: leases and offline runtimes are also found
 * when somebody claims or looks. Each call does a bounded part, and says whether there is more.
 */
import { checkWhole } from "@lobstercontrol/core";
import { v } from "convex/values";
import { internal } from "./_generated/api.ts";
import { internalMutation, mutation } from "./_generated/server.ts";
import { apply } from "./notifications.ts";
import { telling } from "../telling.ts";

const atOnce = 100;
/** Of what has a large text beside it: a function may read 16 MiB. */
const largeAtOnce = 10;
/** A runtime that was only slow may still renew in this time: a lease that ran out is taken away at once by a claim alone. */
const graceMs = 60_000;
/** Whoever watches has seen a wake-up long before. */
const wakesKeptForMs = 60 * 60_000;
/** The least that may be kept, so that no setting deletes what a retry or a reader still needs. */
const leastDays = 7;

/** Takes away leases that ran out a while ago, and lets those who are subscribed know of runtimes and droplets that are overdue. */
export const sweep = internalMutation({
  args: {},
  returns: v.null(),
  handler: (ctx) =>
    telling(async () => {
      const now = Date.now();
      const lost = await ctx.db
        .query("notifications")
        .withIndex("by_lease", (q) => q.eq("state", "leased").lt("lease.until", now - graceMs))
        .take(atOnce);
      for (const notification of lost) await apply(ctx, notification, { type: "expired" }, now);
      const overdue = await ctx.db
        .query("reports")
        .withIndex("by_due", (q) => q.gte("dueAt", 0).lte("dueAt", now))
        .take(atOnce);
      for (const report of overdue) await ctx.db.patch("reports", report._id, { dueAt: null });
      const late = await ctx.db
        .query("provisions")
        .withIndex("by_due", (q) => q.gte("dueAt", 0).lt("dueAt", now))
        .take(atOnce);
      for (const droplet of late) await ctx.db.patch("provisions", droplet._id, { dueAt: null });
      const wakes = await ctx.db
        .query("wakes")
        .withIndex("by_creation_time", (q) => q.lt("_creationTime", now - wakesKeptForMs))
        .take(atOnce);
      for (const wake of wakes) await ctx.db.delete("wakes", wake._id);
      if ([lost, overdue, late, wakes].some((rows) => rows.length === atOnce))
        await ctx.scheduler.runAfter(0, internal.upkeep.sweep, {});
      return null;
    }),
});

/**
 * Deletes a part of what is older than so many days: delivered and dead notifications, messages and activities.
 *
 * @returns whether there is more
 */
export const forget = mutation({
  args: { days: v.number() },
  returns: v.boolean(),
  handler: (ctx, { days }) =>
    telling(async () => {
      checkWhole("days", days, { least: leastDays, most: 36_500 });
      const before = Date.now() - days * 24 * 60 * 60_000;
      const notifications = await ctx.db
        .query("notifications")
        .withIndex("by_age", (q) => q.eq("live", false).lt("createdAt", before))
        .take(largeAtOnce);
      for (const { _id } of notifications) {
        const content = await ctx.db
          .query("contents")
          .withIndex("by_notification", (q) => q.eq("notification", _id))
          .unique();
        if (content !== null) await ctx.db.delete("contents", content._id);
        await ctx.db.delete("notifications", _id);
      }
      const messages = await ctx.db
        .query("messages")
        .withIndex("by_age", (q) => q.lt("createdAt", before))
        .take(largeAtOnce);
      for (const { _id } of messages) await ctx.db.delete("messages", _id);
      const activities = await ctx.db
        .query("activities")
        .withIndex("by_age", (q) => q.lt("at", before))
        .take(atOnce);
      for (const { _id } of activities) await ctx.db.delete("activities", _id);
      return (
        notifications.length === largeAtOnce ||
        messages.length === largeAtOnce ||
        activities.length === atOnce
      );
    }),
});
