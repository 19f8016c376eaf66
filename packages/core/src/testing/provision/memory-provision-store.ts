import { InvalidInputError, NotFoundError } from "../../errors.ts";
import type { Activity } from "../../ports/admin.ts";
import type { ProvisionStore } from "../../provision/provision-store.ts";
import { provisionTransition } from "../../provision/transition.ts";
import { updateRecord } from "../../provision/update-record.ts";
import { serviceTokensOf, type ProvisionRecord } from "../../provision/record.ts";

/** A store that keeps everything in memory, and lets a test look at it. */
export interface MemoryProvisionStore extends ProvisionStore {
  /** Makes an account known. */
  addAccount(account: string): void;
  /** The activities of an account, oldest first. */
  activities(account: string): Omit<Activity, "id">[];
  /** Hashes of the account's good service tokens, as droplets brought them. */
  serviceTokens(account: string): string[];
  /** Closes an account: its droplet's end is asked for, and nothing is begun after that. */
  closeAccount(account: string): Promise<void>;
  /** Revokes a service token, as an admin would. */
  revokeServiceToken(hash: string): void;
}

/**
 * Makes a store that keeps everything in memory: for tests, and as the shortest reading of what a store must do.
 *
 * @example
 * ```ts
 * import { createMemoryProvisionStore } from "@lobstercontrol/core/testing";
 *
 * const store = createMemoryProvisionStore();
 * store.addAccount("acme");
 * console.log(await store.page({ after: null, limit: 10 })); // []
 * ```
 */
export function createMemoryProvisionStore(): MemoryProvisionStore {
  const activities = new Map<string, Omit<Activity, "id">[]>();
  /** As texts: what is handed out must not be what is kept. */
  const records = new Map<string, string>();
  const tokens = new Map<string, { account: string; good: boolean }>();

  const parse = (text: string): ProvisionRecord => JSON.parse(text) as ProvisionRecord;
  const find = (account: string): ProvisionRecord | null => {
    const text = records.get(account);
    return text === undefined ? null : parse(text);
  };

  const closed = new Set<string>();

  const store: MemoryProvisionStore = {
    addAccount: (account) => void activities.set(account, []),
    activities: (account) => activities.get(account) ?? [],
    serviceTokens: (account) =>
      [...tokens].filter(([, token]) => token.account === account && token.good).map(([hash]) => hash),
    async closeAccount(account) {
      closed.add(account);
      await updateRecord(
        store,
        async () => find(account),
        (record) =>
          record &&
          provisionTransition(record, { type: "destroyRequested", actor: "platform" }, record.since),
      );
    },
    revokeServiceToken(hash) {
      tokens.get(hash)!.good = false;
    },

    read: async (account) => find(account),

    async write({ record, activities: added }) {
      const known = activities.get(record.account);
      const isWanted = record.state === "provisioning" || record.state === "running";
      if (known === undefined || (closed.has(record.account) && isWanted))
        throw new NotFoundError({ what: "account", id: record.account });
      if ((find(record.account)?.revision ?? 0) !== record.revision - 1) return false;
      const wanted = serviceTokensOf(record);
      if (wanted.some((hash) => (tokens.get(hash)?.account ?? record.account) !== record.account))
        throw new InvalidInputError({ field: "serviceTokenHash", problem: "is taken" });
      for (const [hash, token] of tokens)
        if (token.account === record.account && !wanted.includes(hash)) token.good = false;
      for (const hash of wanted)
        if (!tokens.has(hash)) tokens.set(hash, { account: record.account, good: true });
      records.set(record.account, JSON.stringify(record));
      known.push(...added);
      return true;
    },

    page: async ({ after, limit, state }) =>
      [...records.values()]
        .map(parse)
        .filter((record) => after === null || record.account > after)
        .filter((record) => state === undefined || record.state === state)
        .toSorted((a, b) => (a.account < b.account ? -1 : 1))
        .slice(0, limit),

    byBootstrapToken: async (hash) =>
      [...records.values()]
        .map(parse)
        .find(({ attempts }) => attempts.some(({ bootstrapTokenHash }) => bootstrapTokenHash === hash)) ??
      null,
  };
  return store;
}
