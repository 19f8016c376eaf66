import { createBootstrapPort, systemClock, type Activity } from "@lobstercontrol/core";
import {
  bootstrapPortSuite,
  provisionStoreSuite,
  type BootstrapPortFixture,
} from "@lobstercontrol/core/testing";
import { vi } from "vitest";
import { api } from "../src/component/_generated/api.ts";
import { createProvisionStore } from "../src/client/provision-store.ts";
import type { LobsterControlComponent, RunsMutations } from "../src/client/types.ts";
import { reviving } from "../src/convex-error.ts";
import { createComponent } from "./component.ts";

// The component is the app here, so that its rows can be looked at.
function open(): BootstrapPortFixture {
  const t = createComponent();
  const { query, mutation } = t as unknown as Record<"query" | "mutation", RunsMutations["runQuery"]>;
  const store = createProvisionStore(api as unknown as LobsterControlComponent, {
    runQuery: query,
    runMutation: mutation as unknown as RunsMutations["runMutation"],
  });
  const good = async (account: string) =>
    await t.run(
      async (ctx) =>
        await ctx.db
          .query("serviceTokens")
          .withIndex("by_account", (q) => q.eq("account", account as never).eq("revokedAt", null))
          .take(20),
    );
  return {
    store,
    bootstrap: createBootstrapPort({ store, clock: systemClock }),
    addAccount: async (account) => {
      await t.mutation(api.platform.upsertAccount, { account });
    },
    closeAccount: async (account) => {
      await t.mutation(api.platform.closeAccount, { account });
    },
    activities: async (account): Promise<Omit<Activity, "id">[]> => {
      const { items } = await t.query(api.admin.activities, { account, limit: 1_000 });
      return items
        .filter(({ type }) => !type.startsWith("service_token"))
        .map(({ id: _id, ...activity }) => activity)
        .toReversed();
    },
    serviceTokens: async (account) => (await good(account)).map(({ hash }) => hash),
    async revokeServiceToken(hash) {
      for (const account of ["acme", "other"]) {
        for (const token of await good(account)) {
          if (token.hash !== hash) continue;
          const args = { account, actor: "user-1", id: token.id };
          await reviving(() => t.mutation(api.admin.revokeServiceToken, args));
        }
      }
    },
    close: () => {
      vi.restoreAllMocks();
    },
  };
}

provisionStoreSuite("the component", open);
bootstrapPortSuite("the component", ({ clock }) => {
  vi.spyOn(Date, "now").mockImplementation(() => clock.now());
  return open();
});
