import type { Activity } from "@lobstercontrol/core";
import type { AccountId } from "@lobstercontrol/core";
import type { MutationCtx } from "./_generated/server.ts";

/** Adds a line to an account's audit log; in the mutation of what it tells. */
export async function addActivity(
  ctx: MutationCtx,
  account: AccountId,
  { type, actor, subject, at }: Omit<Activity, "id">,
): Promise<void> {
  await ctx.db.insert("activities", { account, type, actor, subject, at });
}
