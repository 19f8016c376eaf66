/** An account to begin with: `npx convex run seed:acme '{"user":"<your tokenIdentifier>"}'`. */
import { v } from "convex/values";
import { internalMutation, type MutationCtx } from "./_generated/server.js";
import { upsertAgent } from "./agents.ts";
import type { Member } from "./authz.ts";
import { lobsterControl } from "./lobster/control.ts";

/** The account acme, with two agents and whoever is named as its admin. Running it again changes nothing. */
export const acme = internalMutation({
  args: { user: v.string(), name: v.optional(v.string()) },
  returns: v.null(),
  handler: async (ctx, { user, name = "Bea" }) => {
    const account = "acme";
    await addAccount(ctx, { slug: account, name: "Acme" });
    await addMember(ctx, { account, user, name, role: "admin" });
    await upsertAgent(ctx, {
      account,
      slug: "writer",
      name: "Writer",
      soul: "You write. Ask @reviewer to look at it.",
    });
    await upsertAgent(ctx, {
      account,
      slug: "reviewer",
      name: "Reviewer",
      soul: "You review what others write.",
    });
    return null;
  },
});

/** Another account, without members and agents. */
export const another = internalMutation({
  args: { slug: v.string(), name: v.string() },
  returns: v.null(),
  handler: async (ctx, args) => {
    await addAccount(ctx, args);
    return null;
  },
});

/** Makes somebody a member of an account, or an admin. */
export const member = internalMutation({
  args: {
    account: v.string(),
    user: v.string(),
    name: v.string(),
    role: v.union(v.literal("admin"), v.literal("member")),
  },
  returns: v.null(),
  handler: async (ctx, args) => {
    await addMember(ctx, args);
    return null;
  },
});

/** Stores an account at both. */
async function addAccount(ctx: MutationCtx, added: { slug: string; name: string }): Promise<void> {
  await lobsterControl.upsertAccount(ctx, { account: added.slug });
  const known = await ctx.db
    .query("accounts")
    .withIndex("by_slug", (q) => q.eq("slug", added.slug))
    .unique();
  if (known === null) await ctx.db.insert("accounts", added);
}

async function addMember(ctx: MutationCtx, added: Member & { account: string }): Promise<void> {
  const { account, user } = added;
  const known = await ctx.db
    .query("members")
    .withIndex("by_user", (q) => q.eq("account", account).eq("user", user))
    .unique();
  if (known === null) await ctx.db.insert("members", added);
}
