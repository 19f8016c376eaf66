import { heartbeatAt, heartbeatContent, type AccountId } from "@lobstercontrol/core";
import type { Doc } from "./_generated/dataModel.ts";
import type { MutationCtx } from "./_generated/server.ts";
import { addNotification, notificationByCause } from "./notifications.ts";
import { isBusy } from "./roster.ts";

/** The most agents that one claim plans for; the next claim goes on. */
const atOnce = 50;

/** Stores the notifications of the heartbeats that are due; in the mutation of a claim. */
export async function addHeartbeats(
  ctx: MutationCtx,
  account: AccountId,
  { input, maxAttempts }: { input: string; maxAttempts: number },
  now: number,
): Promise<void> {
  for (const agent of await due(ctx, account, now)) {
    const { slug, heartbeatEveryMs: everyMs, heartbeatDueAt: dueAt } = agent;
    if (everyMs === null) continue;
    const schedule = { nextAt: dueAt === 0 ? null : dueAt, lastSlot: agent.heartbeatSlot };
    const busy = await isBusy(ctx, account, slug);
    const planned = heartbeatAt({ account, slug, everyMs, isBusy: busy }, schedule, now);
    if (planned === null) continue;
    await ctx.db.patch("agents", agent._id, {
      heartbeatDueAt: planned.schedule.nextAt,
      heartbeatSlot: planned.schedule.lastSlot,
    });
    if (planned.slot === null) continue;
    const content = heartbeatContent({ account, slug }, planned.slot, input);
    // An agent that was taken off the roster and put back has forgotten its slots: this one was had.
    if ((await notificationByCause(ctx, account, content.idempotencyKey)) !== null) continue;
    await addNotification(ctx, content, maxAttempts, now);
  }
}

/** Those whose time has come, and those that were planned before the clock was set back. */
async function due(ctx: MutationCtx, account: AccountId, now: number): Promise<Doc<"agents">[]> {
  const come = await ctx.db
    .query("agents")
    .withIndex("by_heartbeat", (q) =>
      q.eq("account", account).gte("heartbeatDueAt", 0).lte("heartbeatDueAt", now),
    )
    .take(atOnce);
  const furthest = await ctx.db
    .query("agents")
    .withIndex("by_heartbeat", (q) => q.eq("account", account).gt("heartbeatDueAt", now))
    .order("desc")
    .take(10);
  const misplanned = furthest.filter(
    ({ heartbeatDueAt, heartbeatEveryMs }) => heartbeatDueAt! > now + (heartbeatEveryMs ?? 0),
  );
  return [...come, ...misplanned];
}
