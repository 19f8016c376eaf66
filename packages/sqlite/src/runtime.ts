import {
  checkBytes,
  checkWhole,
  completedBefore,
  hasGivenUp,
  LeaseLostError,
  limits,
  messageOf,
  type AccountId,
  type LeaseProof,
  type Message,
  type NotificationRecord,
  type RuntimePort,
} from "@lobstercontrol/core";
import { VaultMissingError } from "@lobstercontrol/secrets";
import { claim } from "./claim.ts";
import { withContext } from "./context.ts";
import { fail } from "./fail.ts";
import { sessionKeyOf, type Stored } from "./notifications.ts";
import { noteRuntimeReport } from "./provision-store.ts";
import { acceptReport } from "./reports.ts";
import { rosterOf } from "./roster.ts";
import { holderOf } from "./service-token.ts";
import type { Store } from "./store.ts";

/** A runtime's calls. Every one needs to know the token first: it says which account, and may have been revoked. */
export function createRuntimePort(store: Store, tokenHash: string): RuntimePort {
  const { database, turn, notifications, clock, wake } = store;
  let found: { account: AccountId; transaction: number } | null = null;

  /** Looked up once in each transaction: of calls that were all waiting at the same time, none came after a revocation. */
  function account(): AccountId {
    const transaction = turn.transaction();
    if (found !== null && found.transaction === transaction) return found.account;
    const { account: holder } = holderOf(database, tokenHash);
    found = transaction === null ? null : { account: holder, transaction };
    return holder;
  }

  /** A notification of another account looks like a lost lease: nothing tells that it exists. */
  function find({ notification }: LeaseProof): Stored<NotificationRecord> {
    const stored = notifications.record(account(), notification);
    if (stored === undefined) throw new LeaseLostError({ notification });
    return stored;
  }

  return {
    async claim(request) {
      checkWhole("limit", request.limit, { least: 1, most: limits.claim });
      checkWhole("leaseMs", request.leaseMs, { least: 1, most: limits.leaseMs });
      // A claim is worth nothing until `begin` has been answered.
      const claimed = await turn.writeAhead(() => {
        const holder = account();
        return { account: holder, claims: claim(store, holder, request) };
      });
      return await withContext(store, claimed.account, claimed.claims);
    },

    async begin(lease, { sessionMark, verdictBefore = null }) {
      await turn.write(() => {
        const stored = find(lease);
        const sessionKey = sessionKeyOf(stored);
        notifications.apply(
          stored,
          { type: "begun", leaseId: lease.id, sessionKey, sessionMark, verdictBefore },
          clock.now(),
        );
      });
    },

    async renew(lease, leaseMs) {
      checkWhole("leaseMs", leaseMs, { least: 1, most: limits.leaseMs });
      await turn.write(() => {
        const now = clock.now();
        notifications.apply(find(lease), { type: "renewed", leaseId: lease.id, until: now + leaseMs }, now);
      });
    },

    async complete(lease, outcome) {
      if ("text" in outcome) checkBytes("reply", outcome.text, limits.replyBytes);
      return await turn.write(() => {
        const stored = find(lease);
        const before = completedBefore(stored.notification, lease.id);
        if (before !== null) return before;
        const now = clock.now();
        const completed = notifications.apply(stored, { type: "completed", leaseId: lease.id, outcome }, now);
        const message = messageOf(completed.notification, outcome, now);
        if (message === null) return { message: "none" };
        insertMessage(store, message);
        return { message: "posted" };
      });
    },

    async fail(lease, failure) {
      return await turn.write(() => fail(store, find(lease), lease.id, failure));
    },

    async release(lease) {
      await turn.write((afterCommit) => {
        const stored = find(lease);
        if (hasGivenUp(stored.notification, lease.id)) return;
        notifications.apply(stored, { type: "released", leaseId: lease.id }, clock.now());
        afterCommit(() => wake.wake(stored.notification.account));
      });
    },

    agents: () => turn.read(() => rosterOf(database, account())),

    async providerKeys() {
      const holder = await turn.read(() => holderOf(database, tokenHash));
      if (store.providerKeys !== null)
        return await store.providerKeys.reveal(holder.account, { id: holder.id });
      const { generations, records } = await store.secrets.read(holder.account);
      // The empty set would be taken for the truth, and cost the gateway its keys.
      if (records.length > 0) throw new VaultMissingError();
      return { generation: generations.stored, keys: [] };
    },

    report: (report) =>
      turn.write(() => {
        const holder = account();
        noteRuntimeReport(store, holder, tokenHash);
        return acceptReport(store, holder, report);
      }),

    watch(onWork, signal) {
      wake.watch(account(), onWork, signal);
    },
  };
}

function insertMessage({ database }: Store, message: Message): void {
  database.run(
    `INSERT INTO messages (id, account, agent, thread, notification, text, truncated, repeated, response_id, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    message.id,
    message.account,
    message.agent,
    message.thread,
    message.notification,
    message.text,
    message.truncated ? 1 : 0,
    message.repeated ? 1 : 0,
    message.responseId,
    message.createdAt,
  );
}
