/**
 * How rows that an older version of this package has stored come to what this version expects. A version may add a field that old
 * rows do not have, as an optional one, together with a step here that fills it in; the version after may require it. A step is
 * done row by row, may be done again, and goes on from where it was stopped.
 */
import { v } from "convex/values";
import { mutation, type MutationCtx } from "./_generated/server.ts";
import type { Id, TableNames } from "./_generated/dataModel.ts";
import { refreshReadyAt } from "./notifications.ts";
import { telling } from "../telling.ts";

interface Step {
  /** Never used for another step. */
  name: string;
  /** Whose rows. */
  table: Extract<TableNames, "sessionKeys">;
  /** Brings one row up to date; doing it again changes nothing. */
  bring(ctx: MutationCtx, id: Id<"sessionKeys">, now: number): Promise<void>;
}

/** All steps, oldest first. One that was released stays: there are deployments that have not taken it. */
const steps: readonly Step[] = [
  // What claims go by, derived anew: it also mends what a restore of some of the tables has left behind.
  { name: "ready-at", table: "sessionKeys", bring: refreshReadyAt },
];

const atOnce = 200;

/**
 * Does a part of the steps that have not been done.
 *
 * @returns whether there is more
 */
export const step = mutation({
  args: {},
  returns: v.boolean(),
  handler: (ctx) =>
    telling(async () => {
      for (const { name, table, bring } of steps) {
        const progress = await ctx.db
          .query("upgrades")
          .withIndex("by_name", (q) => q.eq("name", name))
          .unique();
        if (progress?.done === true) continue;
        const rows = await ctx.db
          .query(table)
          .withIndex("by_creation_time", (q) => q.gte("_creationTime", progress?.reached ?? 0))
          .take(atOnce);
        for (const { _id } of rows) await bring(ctx, _id, Date.now());
        // The last one is done once more by the next call, since another may have been stored at the same time.
        const fields = { name, reached: rows.at(-1)?._creationTime ?? 0, done: rows.length < atOnce };
        if (progress === null) await ctx.db.insert("upgrades", fields);
        else await ctx.db.patch("upgrades", progress._id, fields);
        return true;
      }
      return false;
    }),
});
