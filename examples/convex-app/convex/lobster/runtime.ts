import type { DataModel } from "../_generated/dataModel.js";
import { post, readThread } from "../threads.ts";
import { lobsterControl } from "./control.ts";

/** What runtimes call, with their service tokens. */
export const { isThereWork, claim, begin, renew, complete, fail, release, agents, providerKeys, report } =
  lobsterControl.runtimeApi<DataModel>({
    /** In the mutation that ends the notification: the reply stands in the thread, or the runtime hands it in again. */
    async onMessage(ctx, message) {
      const thread = ctx.db.normalizeId("threads", message.thread);
      // A heartbeat has no thread of ours, and a thread may have been deleted meanwhile.
      if (thread === null || (await ctx.db.get("threads", thread)) === null) return;
      const asked = await ctx.db
        .query("asked")
        .withIndex("by_notification", (q) => q.eq("notification", message.notification))
        .unique();
      await post(ctx, {
        account: message.account,
        thread,
        from: message.agent,
        text: message.text,
        source: message.id,
        hops: (asked?.hops ?? 0) + 1,
      });
    },

    /** What was said in the thread before, for the agent to read. */
    async context(ctx, { account, thread: id }) {
      const thread = ctx.db.normalizeId("threads", id);
      if (thread === null) return null;
      const messages = await readThread(ctx, account, thread, 20);
      // The last one is what the agent is told about.
      return { messages: messages.slice(0, -1).map(({ from, text }) => ({ from, text })) };
    },
  });
