import { provisionTransition, type AccountId } from "@lobstercontrol/core";
import type { Id } from "./_generated/dataModel.ts";
import type { MutationCtx } from "./_generated/server.ts";
import { addActivity } from "./activities.ts";
import { findRecord, putRecord } from "./provision-records.ts";

/** Who does what closing an account brings about. */
const platform = "platform";

/**
 * What closing an account brings about besides: its droplet's end is asked for, which `reconcile` sees to however often it is
 * interrupted, and its provider keys are removed. In the mutation that closes the account.
 */
export async function releaseAccount(
  ctx: MutationCtx,
  { _id, account, keysStored }: { _id: Id<"accounts">; account: AccountId; keysStored: number },
  now: number,
): Promise<void> {
  const record = await findRecord(ctx, account);
  if (record !== null) {
    const change = provisionTransition(record, { type: "destroyRequested", actor: platform }, now);
    if (change.record !== record)
      await putRecord(ctx, { ...change, record: { ...change.record, revision: record.revision + 1 } }, now);
  }
  const removed = await ctx.db
    .query("secrets")
    .withIndex("by_provider", (q) => q.eq("account", account))
    .take(100);
  if (removed.length === 0) return;
  await ctx.db.patch("accounts", _id, { keysStored: keysStored + 1 });
  for (const secret of removed) {
    await ctx.db.delete("secrets", secret._id);
    const { provider } = secret;
    await addActivity(ctx, account, { type: "secret_removed", actor: platform, subject: provider, at: now });
  }
}
