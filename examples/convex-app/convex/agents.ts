/** The agents of an account: ours by `_id`, LobsterControl's by slug, and each knows the other. */
import { v } from "convex/values";
import { mutation, type MutationCtx } from "./_generated/server.js";
import { requireAdmin } from "./authz.ts";
import { lobsterControl } from "./lobster/control.ts";

/** Adds an agent, or replaces its name and its soul. */
export const upsert = mutation({
  args: { account: v.string(), slug: v.string(), name: v.string(), soul: v.string() },
  returns: v.null(),
  handler: async (ctx, args) => {
    await requireAdmin(ctx, args.account);
    await upsertAgent(ctx, args);
    return null;
  },
});

/** Stores an agent at both. */
export async function upsertAgent(
  ctx: MutationCtx,
  { account, slug, name, soul }: { account: string; slug: string; name: string; soul: string },
): Promise<void> {
  const known = await ctx.db
    .query("agents")
    .withIndex("by_slug", (q) => q.eq("account", account).eq("slug", slug))
    .unique();
  const ref = known?._id ?? (await ctx.db.insert("agents", { account, slug, name }));
  if (known !== null) await ctx.db.patch("agents", known._id, { name });
  await lobsterControl.upsertAgent(ctx, { account, agent: slug, ref, files: { "SOUL.md": soul } });
}
