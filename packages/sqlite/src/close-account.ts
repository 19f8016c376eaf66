import { provisionTransition, type AccountId } from "@lobstercontrol/core";
import { insertActivity } from "./activities.ts";
import type { Store } from "./store.ts";

/** Who does what closing an account brings about. */
const platform = "platform";

/**
 * What closing an account brings about besides: its droplet's end is asked for, which `reconcile` sees to however often it is
 * interrupted, and its provider keys are removed. Call it in the transaction that closes the account.
 */
export function releaseAccount(store: Store, account: AccountId): void {
  const { clock, database, provisions } = store;
  const now = clock.now();
  const record = provisions.find(account);
  if (record !== null) {
    const change = provisionTransition(record, { type: "destroyRequested", actor: platform }, now);
    if (change.record !== record)
      provisions.put({ ...change, record: { ...change.record, revision: record.revision + 1 } }, now);
  }
  const removed = database.all<{ provider: string }>(
    "DELETE FROM secrets WHERE account = ? RETURNING provider",
    account,
  );
  if (removed.length === 0) return;
  database.run("UPDATE accounts SET keys_stored = keys_stored + 1 WHERE id = ?", account);
  for (const { provider } of removed)
    insertActivity(database, account, {
      type: "secret_removed",
      actor: platform,
      subject: provider,
      at: now,
    });
}
