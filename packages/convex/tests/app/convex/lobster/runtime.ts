import type { DataModel } from "../_generated/dataModel.js";
import { lobsterControl } from "./control.ts";

export const { isThereWork, claim, begin, renew, complete, fail, release, agents, providerKeys, report } =
  lobsterControl.runtimeApi<DataModel>({
    async onMessage(ctx, { id, thread, text }, { ref }) {
      if (text === "not in this thread") throw new Error("the app refuses");
      await ctx.db.insert("posted", { message: id, thread, text, ref });
    },
    async context(_ctx, { thread, ref }) {
      if (thread === "no-context") throw new Error("the app has lost the thread");
      return thread === "with-context"
        ? { instructions: `You are ${ref}.`, messages: [{ from: "Bea", text: "Hello" }] }
        : null;
    },
  });
