import { noteReport, type AccountId, type Clock, type ProvisionStore } from "@lobstercontrol/core";
import type { ProvisionRecords } from "./provision-records.ts";
import type { Store } from "./store.ts";
import type { Turn } from "./turn.ts";

/** What is known of the accounts' droplets, in the control plane's own file. */
export function createProvisionStore(turn: Turn, provisions: ProvisionRecords, clock: Clock): ProvisionStore {
  return {
    read: (account) => turn.read(() => provisions.find(account)),
    write: (change) => turn.write(() => provisions.put(change, clock.now())),
    page: ({ after, limit, state }) => turn.read(() => provisions.page(after, limit, state)),
    byBootstrapToken: (hash) => turn.read(() => provisions.byBootstrapToken(hash)),
  };
}

/** The first report of a droplet that is being made: it runs. Call it in the transaction of the report. */
export function noteRuntimeReport(store: Store, account: AccountId, serviceTokenHash: string): void {
  const { clock, database, provisions } = store;
  // Each report comes by here, and nearly all find nothing being made.
  const isAwaited =
    database.get("SELECT 1 FROM provisions WHERE account = ? AND state = 'provisioning'", account) !==
    undefined;
  const record = isAwaited ? provisions.find(account) : null;
  if (record === null) return;
  const now = clock.now();
  const noted = noteReport(record, serviceTokenHash, now);
  if (noted.record === record) return;
  provisions.put({ ...noted, record: { ...noted.record, revision: record.revision + 1 } }, now);
}
