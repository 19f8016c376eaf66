import {
  accountId,
  accountInput,
  agentInput,
  agentSlug,
  checkBytes,
  IdempotencyConflictError,
  limits,
  newNotificationId,
  NotFoundError,
  notificationInput,
  parse,
  type Agent,
  type Notification,
  type PlatformPort,
} from "@lobstercontrol/core";
import type { ControlPlaneOptions } from "./control-plane.ts";
import { queueFor, refreshReadyAt, type Account, type Tables } from "./tables.ts";

/** The platform's calls. */
export function createPlatformPort(
  tables: Tables,
  { clock, maxAttempts }: ControlPlaneOptions,
): PlatformPort {
  function requireAccount(id: string): Account {
    const account = tables.accounts.get(id);
    if (account?.open !== true) throw new NotFoundError({ what: "account", id });
    return account;
  }

  return {
    async upsertAccount(input) {
      const { account: id } = parse(accountInput, input, "account");
      const known = tables.accounts.get(id);
      if (known !== undefined) known.open = true;
      else
        tables.accounts.set(id, {
          id,
          open: true,
          rosterRevision: 0,
          agents: new Map(),
          tokens: new Map(),
          watchers: new Set(),
        });
    },

    async closeAccount(input) {
      const account = requireAccount(parse(accountId, input, "account"));
      account.open = false;
      account.tokens.clear();
    },

    async upsertAgent(input) {
      const parsed = parse(agentInput, input, "agent");
      const account = requireAccount(parsed.account);
      const agent: Agent = {
        slug: parsed.agent,
        ref: parsed.ref ?? null,
        heartbeatEveryMs: parsed.heartbeatEveryMs ?? null,
        files: parsed.files ?? {},
        leaving: false,
      };
      if (JSON.stringify(account.agents.get(agent.slug)) === JSON.stringify(agent)) return;
      account.agents.set(agent.slug, agent);
      account.rosterRevision++;
    },

    async removeAgent(input) {
      const account = requireAccount(parse(accountId, input.account, "account"));
      if (account.agents.delete(parse(agentSlug, input.agent, "agent"))) account.rosterRevision++;
    },

    async notify(input) {
      const parsed = parse(notificationInput, input, "notification");
      const { instructions = null, ...wanted } = parsed;
      checkBytes("notification.input", wanted.input, limits.inputBytes);
      if (instructions !== null)
        checkBytes("notification.instructions", instructions, limits.instructionsBytes);
      const account = requireAccount(wanted.account);
      if (!account.agents.has(wanted.agent)) throw new NotFoundError({ what: "agent", id: wanted.agent });
      for (const known of tables.notifications.values()) {
        if (known.account !== account.id || known.idempotencyKey !== wanted.idempotencyKey) continue;
        if (!isSame(known, { ...wanted, instructions })) throw new IdempotencyConflictError();
        return known.id;
      }
      const now = clock.now();
      const queue = queueFor(tables, wanted);
      const notification: Notification = {
        ...wanted,
        instructions,
        id: newNotificationId(),
        state: "pending",
        position: ++queue.lastPosition,
        attempts: 0,
        maxAttempts,
        waits: 0,
        notBefore: now,
        lease: null,
        attempt: null,
        repeated: false,
        lastLeaseId: null,
        outcome: null,
        lastError: null,
        createdAt: now,
        deliveredAt: null,
      };
      tables.notifications.set(notification.id, notification);
      tables.queueOf.set(notification.id, queue);
      queue.notifications.push(notification.id);
      if (queue.readyAt === null) refreshReadyAt(tables, queue, now);
      for (const onWork of account.watchers) onWork();
      return notification.id;
    },

    async messages({ after = "0", limit = 100 } = {}) {
      const messages = tables.messages.slice(Number(after), Number(after) + limit);
      return { messages, cursor: String(Number(after) + messages.length) };
    },
  };
}

function isSame(
  a: Notification,
  b: Pick<Notification, "agent" | "thread" | "input" | "instructions">,
): boolean {
  return (
    a.agent === b.agent && a.thread === b.thread && a.input === b.input && a.instructions === b.instructions
  );
}
