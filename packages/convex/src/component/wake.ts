import type { AccountId } from "@lobstercontrol/core";
import type { MutationCtx } from "./_generated/server.ts";

/** Tells who watches the account that there may be something for it. */
export async function wake(ctx: MutationCtx, account: AccountId): Promise<void> {
  await ctx.db.insert("wakes", { account });
}
