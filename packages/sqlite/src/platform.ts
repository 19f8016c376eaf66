import {
  accountId,
  accountInput,
  agentInput,
  agentSlug,
  checkBytes,
  IdempotencyConflictError,
  InvalidInputError,
  isSameContent,
  limits,
  newNotificationId,
  NotFoundError,
  notificationInput,
  parse,
  type AccountId,
  type AgentSlug,
  type PlatformPort,
} from "@lobstercontrol/core";
import { releaseAccount } from "./close-account.ts";
import { messageFromRow, type MessageRow } from "./messages.ts";
import { pageLimit, readPage } from "./page.ts";
import { forgetLeft } from "./roster.ts";
import type { Store } from "./store.ts";

/** The platform's calls. */
export function createPlatformPort(store: Store): PlatformPort {
  const { database, turn, notifications, clock, wake } = store;

  function requireAccount(account: AccountId): void {
    if (database.get("SELECT 1 FROM accounts WHERE id = ? AND closed_at IS NULL", account) === undefined)
      throw new NotFoundError({ what: "account", id: account });
  }

  function requireAgent(account: AccountId, agent: AgentSlug): void {
    requireAccount(account);
    if (
      database.get(
        "SELECT 1 FROM agents WHERE account = ? AND slug = ? AND removed_at IS NULL",
        account,
        agent,
      ) === undefined
    )
      throw new NotFoundError({ what: "agent", id: agent });
  }

  function growRoster(account: AccountId, afterCommit: (effect: () => void) => void): void {
    database.run("UPDATE accounts SET roster_revision = roster_revision + 1 WHERE id = ?", account);
    afterCommit(() => wake.wake(account));
  }

  return {
    async upsertAccount(input) {
      const { account } = parse(accountInput, input, "account");
      await turn.write(() => {
        database.run(
          "INSERT INTO accounts (id) VALUES (?) ON CONFLICT DO UPDATE SET closed_at = NULL",
          account,
        );
      });
    },

    async closeAccount(input) {
      const account = parse(accountId, input, "account");
      await turn.write(() => {
        requireAccount(account);
        const now = clock.now();
        database.run("UPDATE accounts SET closed_at = ? WHERE id = ?", now, account);
        database.run(
          "UPDATE service_tokens SET revoked_at = ? WHERE account = ? AND revoked_at IS NULL",
          now,
          account,
        );
        releaseAccount(store, account);
      });
    },

    async upsertAgent(input) {
      const { account, agent, ref, heartbeatEveryMs, files } = parse(agentInput, input, "agent");
      await turn.write((afterCommit) => {
        requireAccount(account);
        // Another interval is another schedule; the slots of heartbeats only grow, so that none is taken for an old one.
        const changed = database.run(
          `INSERT INTO agents (account, slug, ref, heartbeat_every_ms, files) VALUES (?1, ?2, ?3, ?4, ?5)
           ON CONFLICT DO UPDATE SET ref = ?3, heartbeat_every_ms = ?4, files = ?5, removed_at = NULL,
             heartbeat_next = iif(heartbeat_every_ms IS ?4, heartbeat_next, NULL)
           WHERE ref IS NOT ?3 OR heartbeat_every_ms IS NOT ?4 OR files IS NOT ?5 OR removed_at IS NOT NULL`,
          account,
          agent,
          ref ?? null,
          heartbeatEveryMs ?? null,
          JSON.stringify(files ?? {}),
        );
        if (changed > 0) growRoster(account, afterCommit);
      });
    },

    async removeAgent(input) {
      const account = parse(accountId, input.account, "account");
      const agent = parse(agentSlug, input.agent, "agent");
      await turn.write((afterCommit) => {
        requireAccount(account);
        const removed = database.run(
          "UPDATE agents SET removed_at = ? WHERE account = ? AND slug = ? AND removed_at IS NULL",
          clock.now(),
          account,
          agent,
        );
        if (removed === 0) return;
        forgetLeft(database, account);
        growRoster(account, afterCommit);
      });
    },

    async notify(input) {
      const parsed = parse(notificationInput, input, "notification");
      const wanted = { ...parsed, instructions: parsed.instructions ?? null };
      checkBytes("notification.input", wanted.input, limits.inputBytes);
      if (wanted.instructions !== null)
        checkBytes("notification.instructions", wanted.instructions, limits.instructionsBytes);
      return await turn.write((afterCommit) => {
        requireAgent(wanted.account, wanted.agent);
        const known = notifications.byIdempotencyKey(wanted.account, wanted.idempotencyKey);
        if (known !== undefined) {
          if (!isSameContent(known.notification, wanted)) throw new IdempotencyConflictError();
          return known.notification.id;
        }
        const now = clock.now();
        const id = newNotificationId(now);
        notifications.add(wanted, id, store.maxAttempts, now);
        afterCommit(() => wake.wake(wanted.account));
        return id;
      });
    },

    async messages({ after = "0", limit } = {}) {
      if (!/^\d{1,15}$/.test(after))
        throw new InvalidInputError({ field: "after", problem: "must be the cursor of an earlier page" });
      const most = pageLimit(limit);
      return await turn.read(() => {
        const { rows, last } = readPage(Number(after), most, (from, count) =>
          database.all<MessageRow>("SELECT * FROM messages WHERE seq > ? ORDER BY seq LIMIT ?", from, count),
        );
        return { messages: rows.map(messageFromRow), cursor: rows.length === 0 ? after : String(last) };
      });
    },
  };
}
