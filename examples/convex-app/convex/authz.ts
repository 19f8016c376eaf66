/** Who may do what: the one place that says so. */
import type { AuthorizeCtx } from "@lobstercontrol/convex";
import { ForbiddenError } from "@lobstercontrol/core/http";
import { ConvexError, v } from "convex/values";
import { internal } from "./_generated/api.js";
import { internalQuery } from "./_generated/server.js";

/** Somebody who belongs to an account. */
export interface Member {
  user: string;
  name: string;
  role: "admin" | "member";
}

/**
 * @throws `ERR_FORBIDDEN` unless an admin of the account calls; in the same words whether there is such an account
 *   or not
 */
export async function requireAdmin(ctx: AuthorizeCtx, account: string): Promise<Member> {
  const member = await find(ctx, account);
  if (member?.role !== "admin") throw refused("only an admin of the account may do this");
  return member;
}

/** @throws `ERR_FORBIDDEN` unless a member of the account calls */
export async function requireMember(ctx: AuthorizeCtx, account: string): Promise<Member> {
  const member = await find(ctx, account);
  if (member === null) throw refused("only a member of the account may do this");
  return member;
}

async function find(ctx: AuthorizeCtx, account: string): Promise<Member | null> {
  const identity = await ctx.auth.getUserIdentity();
  if (identity === null) return null;
  // By a query, since an action has no tables at hand.
  return await ctx.runQuery(internal.authz.member, { account, user: identity.tokenIdentifier });
}

/** The member of an account that somebody is. */
export const member = internalQuery({
  args: { account: v.string(), user: v.string() },
  returns: v.union(
    v.null(),
    v.object({
      user: v.string(),
      name: v.string(),
      role: v.union(v.literal("admin"), v.literal("member")),
    }),
  ),
  handler: async (ctx, { account, user }) => {
    const found = await ctx.db
      .query("members")
      .withIndex("by_user", (q) => q.eq("account", account).eq("user", user))
      .unique();
    return found === null ? null : { user: found.user, name: found.name, role: found.role };
  },
});

/** An error that reaches the page as data: of any other, a production deployment tells nothing. */
export const refused = (problem: string): ConvexError<ReturnType<ForbiddenError["toJSON"]>> =>
  new ConvexError(
    new ForbiddenError({
      problem,
      hint: "Sign in as somebody who may, or ask an admin of the account.",
    }).toJSON(),
  );
