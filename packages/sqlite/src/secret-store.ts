import { NotFoundError, type AccountId } from "@lobstercontrol/core";
import type { KeysGenerations, SecretRecord, SecretStore } from "@lobstercontrol/secrets";
import { insertActivity } from "./activities.ts";
import type { Database } from "./database.ts";
import { storedTexts } from "./stored-texts.ts";
import type { Turn } from "./turn.ts";
import type { Wake } from "./wake.ts";

const columns = `id, account, provider, version, envelope, last4, fingerprint,
  updated_at AS updatedAt, updated_by AS updatedBy`;

/** Sealed provider keys in the control plane's own file. It cannot open them. */
export function createSecretStore(database: Database, turn: Turn, wake: Wake): SecretStore {
  const generationsOf = (account: string): KeysGenerations | undefined =>
    database.get<KeysGenerations>(
      `SELECT keys_stored AS stored, keys_active AS active, keys_confirmed AS confirmed
       FROM accounts WHERE id = ?`,
      account,
    );

  const setStored = (account: string, generation: number): number =>
    database.run("UPDATE accounts SET keys_stored = ? WHERE id = ?", generation, account);

  return {
    read: (account) =>
      turn.read(() => ({
        // Plain objects: SQLite's rows have no prototype.
        generations: { ...(generationsOf(account) ?? { stored: 0, active: 0, confirmed: 0 }) },
        records: database
          .all<SecretRecord>(`SELECT ${columns} FROM secrets WHERE account = ? ORDER BY provider`, account)
          .map((record) => ({ ...record })),
      })),

    put: (record, activity) =>
      turn.write((afterCommit) => {
        const generations = database.get<{ stored: number }>(
          "SELECT keys_stored AS stored FROM accounts WHERE id = ? AND closed_at IS NULL",
          record.account,
        );
        if (generations === undefined) throw new NotFoundError({ what: "account", id: record.account });
        if (generations.stored !== record.version - 1) return false;
        database.run(
          `INSERT INTO secrets (id, account, provider, version, envelope, last4, fingerprint, updated_at, updated_by)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
           ON CONFLICT (account, provider) DO UPDATE SET id = ?1, version = ?4, envelope = ?5, last4 = ?6,
             fingerprint = ?7, updated_at = ?8, updated_by = ?9`,
          record.id,
          record.account,
          record.provider,
          record.version,
          record.envelope,
          record.last4,
          record.fingerprint,
          record.updatedAt,
          record.updatedBy,
        );
        setStored(record.account, record.version);
        insertActivity(database, record.account, activity);
        afterCommit(() => wake.wake(record.account as AccountId));
        return true;
      }),

    remove: (account, provider, activity) =>
      turn.write((afterCommit) => {
        if (database.run("DELETE FROM secrets WHERE account = ? AND provider = ?", account, provider) === 0)
          return false;
        setStored(account, generationsOf(account)!.stored + 1);
        insertActivity(database, account, activity);
        afterCommit(() => wake.wake(account as AccountId));
        return true;
      }),

    rewrap: (record, envelope, activity) =>
      turn.write(() => {
        const changed = database.run(
          "UPDATE secrets SET envelope = ?, fingerprint = ? WHERE id = ? AND account = ? AND envelope = ?",
          record.envelope,
          record.fingerprint,
          record.id,
          record.account,
          envelope,
        );
        if (changed === 0) return false;
        insertActivity(database, record.account, activity);
        return true;
      }),

    addActivities: (account, activities) =>
      turn.write(() => {
        for (const activity of activities) insertActivity(database, account, activity);
      }),

    page: ({ after, limit }) =>
      turn.read(() =>
        database
          .all<SecretRecord>(
            `SELECT ${columns} FROM secrets WHERE id > ? ORDER BY id LIMIT ?`,
            after ?? "",
            limit,
          )
          .map((record) => ({ ...record })),
      ),

    texts: () => storedTexts(database, turn),
  };
}
