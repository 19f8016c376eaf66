/** Features that are switched on: `npx convex run flags:set '{"name":"runtime_provisioning_enabled","enabled":true}'`. */
import { v, type Infer } from "convex/values";
import { internalMutation, internalQuery, query, type QueryCtx } from "./_generated/server.js";
import { requireMember } from "./authz.ts";

const name = v.literal("runtime_provisioning_enabled");

/** Switches a feature. */
export const set = internalMutation({
  args: { name, enabled: v.boolean() },
  returns: v.null(),
  handler: async (ctx, { name: flag, enabled }) => {
    const known = await ctx.db
      .query("flags")
      .withIndex("by_name", (q) => q.eq("name", flag))
      .unique();
    if (known === null) await ctx.db.insert("flags", { name: flag, enabled });
    else await ctx.db.patch("flags", known._id, { enabled });
    return null;
  },
});

/** Whether a feature is on, for the platform's pages. */
export const get = query({
  args: { account: v.string(), name },
  returns: v.boolean(),
  handler: async (ctx, { account, name: flag }) => {
    await requireMember(ctx, account);
    return await read(ctx, flag);
  },
});

/** The same for our own functions. */
export const isEnabled = internalQuery({
  args: { name },
  returns: v.boolean(),
  handler: async (ctx, { name: flag }) => await read(ctx, flag),
});

/** Off unless somebody has switched it on. */
async function read(ctx: QueryCtx, flag: Infer<typeof name>): Promise<boolean> {
  const found = await ctx.db
    .query("flags")
    .withIndex("by_name", (q) => q.eq("name", flag))
    .unique();
  return found?.enabled === true;
}
