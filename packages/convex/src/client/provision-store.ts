import type { ProvisionRecord, ProvisionStore } from "@lobstercontrol/core";
import { reviving } from "../convex-error.ts";
import type { LobsterControlComponent, RunsMutations } from "./types.ts";

/** What is known of the accounts' droplets, as an action reaches it. */
export function createProvisionStore(
  { provision }: LobsterControlComponent,
  ctx: RunsMutations,
): ProvisionStore {
  return {
    read: async (account) => recordOf(await reviving(() => ctx.runQuery(provision.read, { account }))),
    write: ({ record, activities }) =>
      reviving(() => ctx.runMutation(provision.write, { record: JSON.stringify(record), activities })),
    page: async ({ after, limit, state }) => {
      const page = { after, limit, ...(state === undefined ? {} : { state }) };
      const texts = await reviving(() => ctx.runQuery(provision.page, page));
      return texts.map((text) => JSON.parse(text) as ProvisionRecord);
    },
    byBootstrapToken: async (hash) =>
      recordOf(await reviving(() => ctx.runQuery(provision.byBootstrapToken, { hash }))),
  };
}

const recordOf = (text: string | null): ProvisionRecord | null =>
  text === null ? null : (JSON.parse(text) as ProvisionRecord);
