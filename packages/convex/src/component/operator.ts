/** What whoever runs the platform sees, across accounts; see `OperatorPort` of core. */
import { dropletFinding, runtimeInfo } from "@lobstercontrol/core";
import { v } from "convex/values";
import { account, runtimeInfo as runtimeInfoValue } from "../validators.ts";
import { query } from "./_generated/server.ts";
import { pageLimit } from "./page.ts";
import { findRecord } from "./provision-records.ts";
import { reportsOf } from "./reports.ts";
import { telling } from "../telling.ts";

/** Some of the open accounts, in alphabetical order, and how their runtimes are. `next` is null after the last. */
export const fleet = query({
  args: { after: v.union(v.null(), v.string()), limit: v.number() },
  returns: v.object({
    items: v.array(v.object({ account, runtime: runtimeInfoValue })),
    next: v.union(v.null(), v.string()),
  }),
  handler: (ctx, { after, limit }) =>
    telling(async () => {
      const now = Date.now();
      const rows = await ctx.db
        .query("accounts")
        .withIndex("by_account", (q) => q.gt("account", (after ?? "") as (typeof account)["type"]))
        .take(pageLimit(limit));
      const items = [];
      for (const row of rows) {
        if (row.closedAt !== null) continue;
        const { account: id } = row;
        items.push({
          account: id,
          runtime: runtimeInfo(await reportsOf(ctx, id), dropletFinding(await findRecord(ctx, id), now), now),
        });
      }
      return { items, next: rows.length === limit ? rows.at(-1)!.account : null };
    }),
});
