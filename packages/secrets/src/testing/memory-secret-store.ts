import { NotFoundError } from "@lobstercontrol/core";
import type { KeysGenerations, SecretActivity, SecretRecord, SecretStore } from "../secret-store.ts";

/** A store that keeps everything in memory, and lets a test look at it and change it. */
export interface MemorySecretStore extends SecretStore {
  /** Makes an account known. */
  addAccount(account: string): void;
  /** The records, by id. Change them as somebody would who can write to the database. */
  readonly records: Map<string, SecretRecord>;
  /** How far each account has come. */
  readonly generations: Map<string, KeysGenerations>;
  /** The activities of each account, oldest first. */
  readonly activities: Map<string, SecretActivity[]>;
}

/**
 * Makes a store that keeps everything in memory: for tests, and as the shortest reading of what a store must do.
 *
 * @example
 * ```ts
 * import { createKeyRing, createProviderKeys, createVault, generateMasterKey } from "@lobstercontrol/secrets";
 * import { createMemorySecretStore } from "@lobstercontrol/secrets/testing";
 *
 * const keyRing = createKeyRing({ keys: [{ id: "k1", secret: generateMasterKey(), status: "active" }] });
 * const store = createMemorySecretStore();
 * store.addAccount("acme");
 * const providerKeys = createProviderKeys({ vault: createVault({ keyRing }), store });
 * console.log(await providerKeys.list("acme"));
 * ```
 */
export function createMemorySecretStore(): MemorySecretStore {
  const records = new Map<string, SecretRecord>();
  const generations = new Map<string, KeysGenerations>();
  const activities = new Map<string, SecretActivity[]>();

  const recordsOf = (account: string): SecretRecord[] =>
    [...records.values()]
      .filter((record) => record.account === account)
      .toSorted((a, b) => (a.provider < b.provider ? -1 : 1));

  function note(account: string, ...more: readonly SecretActivity[]): void {
    activities.set(account, [...(activities.get(account) ?? []), ...more]);
  }

  return {
    records,
    generations,
    activities,
    addAccount(account) {
      generations.set(account, { stored: 0, active: 0, confirmed: 0 });
    },

    async read(account) {
      const known = generations.get(account) ?? { stored: 0, active: 0, confirmed: 0 };
      return { generations: { ...known }, records: recordsOf(account).map((record) => ({ ...record })) };
    },

    async put(record, activity) {
      const known = generations.get(record.account);
      if (known === undefined) throw new NotFoundError({ what: "account", id: record.account });
      if (known.stored !== record.version - 1) return false;
      for (const { id, provider } of recordsOf(record.account))
        if (provider === record.provider) records.delete(id);
      records.set(record.id, { ...record });
      known.stored = record.version;
      note(record.account, activity);
      return true;
    },

    async remove(account, provider, activity) {
      const record = recordsOf(account).find((each) => each.provider === provider);
      if (record === undefined) return false;
      records.delete(record.id);
      generations.get(account)!.stored += 1;
      note(account, activity);
      return true;
    },

    async rewrap(record, envelope, activity) {
      const known = records.get(record.id);
      if (known?.account !== record.account || known.envelope !== envelope) return false;
      records.set(record.id, { ...known, envelope: record.envelope, fingerprint: record.fingerprint });
      note(record.account, activity);
      return true;
    },

    async addActivities(account, more) {
      note(account, ...more);
    },

    async page({ after, limit }) {
      return [...records.values()]
        .filter(({ id }) => after === null || id > after)
        .toSorted((a, b) => (a.id < b.id ? -1 : 1))
        .slice(0, limit)
        .map((record) => ({ ...record }));
    },
  };
}
