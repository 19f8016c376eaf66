import {
  accountId,
  accountInput,
  agentInput,
  agentSlug,
  checkBytes,
  IdempotencyConflictError,
  isSameContent,
  limits,
  NotFoundError,
  notificationInput,
  parse,
  type Agent,
  type PlatformPort,
} from "@lobstercontrol/core";
import type { ControlPlaneOptions } from "./control-plane.ts";
import { add, type Account, type Tables } from "./tables.ts";

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
      const known = account.agents.get(agent.slug);
      if (JSON.stringify(known?.agent) === JSON.stringify(agent)) return;
      const { nextAt = null, lastSlot = 0 } = known?.heartbeat ?? {};
      const sameInterval = known?.agent.heartbeatEveryMs === agent.heartbeatEveryMs;
      account.agents.set(agent.slug, {
        agent,
        heartbeat: { nextAt: sameInterval ? nextAt : null, lastSlot },
      });
      account.rosterRevision++;
    },

    async removeAgent(input) {
      const account = requireAccount(parse(accountId, input.account, "account"));
      const slug = parse(agentSlug, input.agent, "agent");
      const known = account.agents.get(slug);
      if (known === undefined || known.agent.leaving) return;
      account.agents.set(slug, { ...known, agent: { ...known.agent, leaving: true } });
      account.rosterRevision++;
    },

    async notify(input) {
      const parsed = parse(notificationInput, input, "notification");
      const { instructions = null, ...wanted } = parsed;
      checkBytes("notification.input", wanted.input, limits.inputBytes);
      if (instructions !== null)
        checkBytes("notification.instructions", instructions, limits.instructionsBytes);
      const account = requireAccount(wanted.account);
      if (account.agents.get(wanted.agent)?.agent.leaving !== false)
        throw new NotFoundError({ what: "agent", id: wanted.agent });
      for (const known of tables.notifications.values()) {
        if (known.account !== account.id || known.idempotencyKey !== wanted.idempotencyKey) continue;
        if (!isSameContent(known, { ...wanted, instructions })) throw new IdempotencyConflictError();
        return known.id;
      }
      const id = add(tables, { ...wanted, instructions }, maxAttempts, clock.now());
      for (const onWork of account.watchers) onWork();
      return id;
    },

    async messages({ after = "0", limit = 100 } = {}) {
      const messages = tables.messages.slice(Number(after), Number(after) + limit);
      return { messages, cursor: String(Number(after) + messages.length) };
    },
  };
}
