import { NotFoundError, UnauthorizedError, type AccountId } from "@lobstercontrol/core";
import type { Doc } from "./_generated/dataModel.ts";
import type { QueryCtx } from "./_generated/server.ts";

/** An account, open or closed; null when there is none. */
export async function findAccount(ctx: QueryCtx, account: AccountId): Promise<Doc<"accounts"> | null> {
  return await ctx.db
    .query("accounts")
    .withIndex("by_account", (q) => q.eq("account", account))
    .unique();
}

/** @throws {NotFoundError} `ERR_NOT_FOUND` when there is no such account */
export async function requireAccount(ctx: QueryCtx, account: AccountId): Promise<Doc<"accounts">> {
  const found = await findAccount(ctx, account);
  if (found === null) throw new NotFoundError({ what: "account", id: account });
  return found;
}

/** @throws {NotFoundError} `ERR_NOT_FOUND` when there is no such account, or it is closed */
export async function requireOpenAccount(ctx: QueryCtx, account: AccountId): Promise<Doc<"accounts">> {
  const found = await requireAccount(ctx, account);
  if (found.closedAt !== null) throw new NotFoundError({ what: "account", id: account });
  return found;
}

/**
 * The account that a token is good for, and the id of the token: looked up by each call, so that a revoked one stops working
 * at once.
 *
 * @throws {UnauthorizedError} `ERR_UNAUTHORIZED`
 */
export async function holderOf(
  ctx: QueryCtx,
  tokenHash: string,
): Promise<{ id: string; account: Doc<"accounts"> }> {
  const token = await ctx.db
    .query("serviceTokens")
    .withIndex("by_hash", (q) => q.eq("hash", tokenHash))
    .unique();
  if (token === null || token.revokedAt !== null) throw new UnauthorizedError();
  const account = await findAccount(ctx, token.account);
  if (account === null || account.closedAt !== null) throw new UnauthorizedError();
  return { id: token.id, account };
}
