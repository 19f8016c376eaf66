/**
 * What is known of the accounts' droplets: a `ProvisionStore` of core, for the provisioner that the app runs in its actions. Records
 * travel as JSON: whoever stores them has made them by the rules of core, and so has whoever reads them.
 */
import { parse, accountId, type AccountId, type ProvisionRecord } from "@lobstercontrol/core";
import { v } from "convex/values";
import { newActivity } from "../validators.ts";
import { mutation, query } from "./_generated/server.ts";
import { accountOfBootstrapToken, findRecord, putRecord, recordFromRow } from "./provision-records.ts";
import { telling } from "../telling.ts";

/** A record as JSON; null when there is none. */
const record = v.union(v.null(), v.string());

const jsonOf = (found: ProvisionRecord | null): string | null =>
  found === null ? null : JSON.stringify(found);

/** See `ProvisionStore.read`. */
export const read = query({
  args: { account: v.string() },
  returns: record,
  handler: (ctx, { account }) =>
    telling(async () => jsonOf(await findRecord(ctx, parse(accountId, account, "account")))),
});

/** See `ProvisionStore.write`. */
export const write = mutation({
  args: { record: v.string(), activities: v.array(newActivity) },
  returns: v.boolean(),
  handler: (ctx, args) =>
    telling(async () => {
      const { activities } = args;
      return await putRecord(
        ctx,
        { record: JSON.parse(args.record) as ProvisionRecord, activities },
        Date.now(),
      );
    }),
});

/** See `ProvisionStore.page`; a few at most, since each may be large. */
export const page = query({
  args: { after: v.union(v.null(), v.string()), limit: v.number(), state: v.optional(v.string()) },
  returns: v.array(v.string()),
  handler: (ctx, { after, limit, state }) =>
    telling(async () => {
      const from = (after ?? "") as AccountId;
      const provisions = ctx.db.query("provisions");
      const found =
        state === undefined
          ? provisions.withIndex("by_account", (q) => q.gt("account", from))
          : provisions.withIndex("by_state", (q) => q.eq("state", state).gt("account", from));
      const rows = await found.take(Math.min(limit, 50));
      const records: string[] = [];
      for (const row of rows) records.push(JSON.stringify(await recordFromRow(ctx, row)));
      return records;
    }),
});

/** See `ProvisionStore.byBootstrapToken`. */
export const byBootstrapToken = query({
  args: { hash: v.string() },
  returns: record,
  handler: (ctx, { hash }) =>
    telling(async () => {
      const account = await accountOfBootstrapToken(ctx, hash);
      return account === null ? null : jsonOf(await findRecord(ctx, account));
    }),
});
