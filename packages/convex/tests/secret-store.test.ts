/// <reference types="vite/client" />
import { convexTest } from "convex-test";
import type { SecretActivity } from "@lobstercontrol/secrets";
import { secretStoreSuite } from "@lobstercontrol/secrets/testing";
import type { FunctionReference } from "convex/server";
import { api } from "../src/component/_generated/api.ts";
import schema from "../src/component/schema.ts";
import { storeOf } from "../src/component/secrets.ts";
import { reviving } from "../src/convex-error.ts";

const modules = import.meta.glob("../src/component/**/*.ts");

// The functions of the store are internal, so the component is the app here.
secretStoreSuite("the component", () => {
  const t = convexTest({ schema, modules, transactionLimits: true });
  const caller = t as unknown as {
    query(f: FunctionReference<"query">, args: unknown): Promise<never>;
    mutation(f: FunctionReference<"mutation">, args: unknown): Promise<never>;
  };
  const store = storeOf({
    runQuery: (f, ...[args]) => reviving(() => caller.query(f as FunctionReference<"query">, args)),
    runMutation: (f, ...[args]) => reviving(() => caller.mutation(f as FunctionReference<"mutation">, args)),
  });
  return {
    store,
    addAccount: async (account) => {
      await t.mutation(api.platform.upsertAccount, { account });
    },
    activities: async (account): Promise<SecretActivity[]> => {
      const { items } = await t.query(api.admin.activities, { account, limit: 1_000 });
      return items.toReversed().map(({ id: _id, ...activity }) => activity);
    },
  };
});
