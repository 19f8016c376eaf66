import {
  checkBytes,
  fullJitter,
  InvalidInputError,
  LeaseLostError,
  limits,
  messageOf,
  type AccountId,
  type Agent,
  type AgentSlug,
  type Failure,
  type LeaseProof,
  type Message,
  type Notification,
  type RuntimePort,
  type RuntimeReport,
} from "@lobstercontrol/core";
import { VaultMissingError } from "@lobstercontrol/secrets";
import { claim } from "./claim.ts";
import type { StoredNotification } from "./notifications.ts";
import { holderOf } from "./service-token.ts";
import type { Store } from "./store.ts";

interface AgentRow {
  slug: string;
  ref: string | null;
  heartbeat_every_ms: number | null;
  files: string;
}

/** A runtime's calls. Every one looks the token up first: it says which account, and may have been revoked. */
export function createRuntimePort(store: Store, tokenHash: string): RuntimePort {
  const { database, turn, notifications, clock, wake } = store;
  const account = (): AccountId => holderOf(database, tokenHash).account;

  /** A notification of another account looks like a lost lease: nothing tells that it exists. */
  function find({ notification }: LeaseProof): StoredNotification {
    const stored = notifications.byId(account(), notification);
    if (stored === undefined) throw new LeaseLostError({ notification });
    return stored;
  }

  return {
    async claim(request) {
      checkWhole("limit", request.limit, 1, limits.claim);
      checkWhole("leaseMs", request.leaseMs, 1, limits.leaseMs);
      return await turn.write(() => claim(store, account(), request));
    },

    async begin(lease, { sessionMark, verdictBefore = null }) {
      await turn.write(() => {
        const stored = find(lease);
        const { sessionKey } = stored;
        notifications.apply(
          stored,
          { type: "begun", leaseId: lease.id, sessionKey, sessionMark, verdictBefore },
          clock.now(),
        );
      });
    },

    async renew(lease, leaseMs) {
      checkWhole("leaseMs", leaseMs, 1, limits.leaseMs);
      await turn.write(() => {
        const now = clock.now();
        notifications.apply(find(lease), { type: "renewed", leaseId: lease.id, until: now + leaseMs }, now);
      });
    },

    async complete(lease, outcome) {
      if ("text" in outcome) checkBytes("reply", outcome.text, limits.replyBytes);
      return await turn.write(() => {
        const stored = find(lease);
        const { notification } = stored;
        if (notification.state === "delivered" && notification.lastLeaseId === lease.id)
          return { message: posts(notification) ? "duplicate" : "none" };
        const now = clock.now();
        const completed = notifications.apply(stored, { type: "completed", leaseId: lease.id, outcome }, now);
        const message = messageOf(completed.notification, outcome, now);
        if (message === null) return { message: "none" };
        insertMessage(store, message);
        return { message: "posted" };
      });
    },

    async fail(lease, failure) {
      return await turn.write(() => {
        const stored = find(lease);
        const now = clock.now();
        if (isEnd(stored.notification, lease)) return answerOf(stored.notification, now);
        const backoffMs = backoffFor(store, stored.notification, failure);
        const failed = notifications.apply(
          stored,
          { type: "failed", leaseId: lease.id, failure, backoffMs },
          now,
        );
        return answerOf(failed.notification, now);
      });
    },

    async release(lease) {
      await turn.write((afterCommit) => {
        const stored = find(lease);
        if (isEnd(stored.notification, lease)) return;
        notifications.apply(stored, { type: "released", leaseId: lease.id }, clock.now());
        afterCommit(() => wake.wake(stored.notification.account));
      });
    },

    agents: () =>
      turn.read(() => {
        const id = account();
        const { roster_revision: revision } = database.get<{ roster_revision: number }>(
          "SELECT roster_revision FROM accounts WHERE id = ?",
          id,
        )!;
        const rows = database.all<AgentRow>("SELECT * FROM agents WHERE account = ? ORDER BY slug", id);
        return { revision, agents: rows.map(agentFromRow) };
      }),

    async providerKeys() {
      const holder = await turn.read(() => holderOf(database, tokenHash));
      if (store.providerKeys !== null)
        return await store.providerKeys.reveal(holder.account, { id: holder.id });
      const { generations, records } = await store.secrets.read(holder.account);
      // The empty set would be taken for the truth, and cost the gateway its keys.
      if (records.length > 0) throw new VaultMissingError();
      return { generation: generations.stored, keys: [] };
    },

    report: (report: RuntimeReport) =>
      turn.write(() => {
        const id = account();
        database.run(
          `INSERT INTO reports (account, worker_id, report, received_at) VALUES (?1, ?2, ?3, ?4)
           ON CONFLICT DO UPDATE SET report = ?3, received_at = ?4`,
          id,
          report.workerId,
          JSON.stringify(report),
          clock.now(),
        );
        // No more than there is: a runtime that claims to have next year's keys would make them active at once (promise 9).
        database.run(
          "UPDATE accounts SET keys_active = min(?, keys_stored) WHERE id = ?",
          report.keysGeneration,
          id,
        );
        const { roster_revision: rosterRevision, keys_stored: keysGeneration } = database.get<{
          roster_revision: number;
          keys_stored: number;
        }>("SELECT roster_revision, keys_stored FROM accounts WHERE id = ?", id)!;
        return { directives: [], rosterRevision, keysGeneration };
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

/** Tries that count and tries that do not are two rows of failures, each with its own growing wait. */
function backoffFor(store: Store, notification: Notification, failure: Failure): number {
  const tries = failure.countsAttempt ? notification.attempts : notification.waits + 1;
  return Math.max(fullJitter(tries, store.backoff, store.random), failure.retryAfterMs ?? 0);
}

/** Whether this lease has failed or released the notification already: the call is a repetition. */
function isEnd({ lease, lastLeaseId, state }: Notification, proof: LeaseProof): boolean {
  return lease === null && lastLeaseId === proof.id && state !== "delivered";
}

function answerOf(notification: Notification, now: number): { next: "retry" | "dead"; inMs?: number } {
  return notification.state === "dead"
    ? { next: "dead" }
    : { next: "retry", inMs: Math.max(0, notification.notBefore - now) };
}

function posts({ outcome }: Notification): boolean {
  return outcome === "reply" || outcome === "truncated";
}

function agentFromRow(row: AgentRow): Agent {
  return {
    slug: row.slug as AgentSlug,
    ref: row.ref,
    heartbeatEveryMs: row.heartbeat_every_ms,
    files: JSON.parse(row.files) as Agent["files"],
    leaving: false,
  };
}

function checkWhole(field: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most)
    throw new InvalidInputError({ field, problem: `must be a whole number from ${least} to ${most}` });
}
