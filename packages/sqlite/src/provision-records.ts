import {
  InvalidInputError,
  NotFoundError,
  serviceTokensOf,
  type AccountId,
  type ProvisionChange,
  type ProvisionRecord,
  type ProvisionState,
} from "@lobstercontrol/core";
import { insertActivity } from "./activities.ts";
import type { Database } from "./database.ts";

/** What is known of the accounts' droplets, row by row; call it inside a turn. */
export interface ProvisionRecords {
  find(account: AccountId): ProvisionRecord | null;
  byBootstrapToken(hash: string): ProvisionRecord | null;
  /** As `ProvisionStore.page`. */
  page(after: AccountId | null, limit: number, state?: ProvisionState): ProvisionRecord[];
  /** As `ProvisionStore.write`. */
  put(change: ProvisionChange, now: number): boolean;
}

interface Row {
  record: string;
}

const fromRow = (row: Row | undefined): ProvisionRecord | null =>
  row === undefined ? null : (JSON.parse(row.record) as ProvisionRecord);

/** Who makes the service tokens that droplets bring. */
const bootstrap = "bootstrap";

export function createProvisionRecords(database: Database): ProvisionRecords {
  function requireAccount({ account, state }: ProvisionRecord): void {
    const row = database.get<{ closed: number }>(
      "SELECT closed_at IS NOT NULL AS closed FROM accounts WHERE id = ?",
      account,
    );
    // Closing an account asks for its droplet's end: nothing is begun after that.
    const isWanted = state === "provisioning" || state === "running";
    if (row === undefined || (row.closed === 1 && isWanted))
      throw new NotFoundError({ what: "account", id: account });
  }

  /** @throws {InvalidInputError} `ERR_INVALID_INPUT` when a token is another account's */
  function keepTokens(account: AccountId, wanted: readonly string[], now: number): void {
    const good = database.all<{ hash: string }>(
      "SELECT hash FROM service_tokens WHERE account = ? AND provisioned = 1 AND revoked_at IS NULL",
      account,
    );
    for (const { hash } of good)
      if (!wanted.includes(hash))
        database.run("UPDATE service_tokens SET revoked_at = ? WHERE hash = ?", now, hash);
    for (const hash of wanted) {
      const known = database.get<{ account: string }>(
        "SELECT account FROM service_tokens WHERE hash = ?",
        hash,
      );
      if (known !== undefined && known.account !== account)
        throw new InvalidInputError({ field: "serviceTokenHash", problem: "is taken" });
      // One that was revoked before stays so.
      if (known !== undefined) continue;
      database.run(
        `INSERT INTO service_tokens (id, account, hash, created_at, created_by, provisioned)
         VALUES (?, ?, ?, ?, ?, 1)`,
        `stk_${crypto.randomUUID()}`,
        account,
        hash,
        now,
        bootstrap,
      );
    }
  }

  return {
    find: (account) => fromRow(database.get<Row>("SELECT record FROM provisions WHERE account = ?", account)),

    byBootstrapToken: (hash) =>
      fromRow(
        database.get<Row>(
          `SELECT p.record FROM bootstrap_tokens t JOIN provisions p ON p.account = t.account WHERE t.hash = ?`,
          hash,
        ),
      ),

    page: (after, limit, state) =>
      database
        .all<Row>(
          "SELECT record FROM provisions WHERE account > ?1 AND (?2 IS NULL OR state = ?2) ORDER BY account LIMIT ?3",
          after ?? "",
          state ?? null,
          limit,
        )
        .map((row) => fromRow(row)!),

    put({ record, activities }, now) {
      const { account, revision, state, attempts } = record;
      requireAccount(record);
      const stored = database.get<{ revision: number }>(
        "SELECT revision FROM provisions WHERE account = ?",
        account,
      );
      if ((stored?.revision ?? 0) !== revision - 1) return false;
      database.run(
        `INSERT INTO provisions (account, revision, state, record) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET revision = ?2, state = ?3, record = ?4`,
        account,
        revision,
        state,
        JSON.stringify(record),
      );
      const hashes = attempts.flatMap(({ bootstrapTokenHash }) => bootstrapTokenHash ?? []);
      database.run(
        "DELETE FROM bootstrap_tokens WHERE account = ? AND hash NOT IN (SELECT value FROM json_each(?))",
        account,
        JSON.stringify(hashes),
      );
      database.run(
        "INSERT INTO bootstrap_tokens (hash, account) SELECT value, ? FROM json_each(?) WHERE true ON CONFLICT DO NOTHING",
        account,
        JSON.stringify(hashes),
      );
      keepTokens(account, serviceTokensOf(record), now);
      for (const activity of activities) insertActivity(database, account, activity);
      return true;
    },
  };
}
