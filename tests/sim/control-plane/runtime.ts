import {
  backoffFor,
  checkBytes,
  checkWhole,
  completedBefore,
  failAnswer,
  hasGivenUp,
  isNewer,
  LeaseLostError,
  limits,
  messageOf,
  UnauthorizedError,
  WorkerFencedError,
  type LeaseProof,
  type Notification,
  type RuntimePort,
} from "@lobstercontrol/core";
import { claim } from "./claim.ts";
import type { ControlPlaneOptions } from "./control-plane.ts";
import { apply, isBusy, type Account, type Tables } from "./tables.ts";

/** A runtime's calls. Each has its whole effect before it first gives way, as in one transaction. */
export function createRuntimePort(
  tables: Tables,
  { clock, random, maxAttempts, backoff }: ControlPlaneOptions,
  token: string,
): RuntimePort {
  function account(): Account {
    for (const each of tables.accounts.values()) if (each.open && each.tokens.has(token)) return each;
    throw new UnauthorizedError();
  }

  function find({ notification }: LeaseProof): Notification {
    const { id } = account();
    const stored = tables.notifications.get(notification);
    if (stored?.account !== id) throw new LeaseLostError({ notification });
    return stored;
  }

  return {
    async claim(request) {
      checkWhole("limit", request.limit, { least: 1, most: limits.claim });
      checkWhole("leaseMs", request.leaseMs, { least: 1, most: limits.leaseMs });
      return claim(tables, account(), request, { now: clock.now(), maxAttempts });
    },

    async begin(lease, { sessionMark, verdictBefore = null }) {
      const { id } = find(lease);
      const { sessionKey } = tables.queueOf.get(id)!;
      const event = { type: "begun", leaseId: lease.id, sessionKey, sessionMark, verdictBefore } as const;
      apply(tables, id, event, clock.now());
    },

    async renew(lease, leaseMs) {
      checkWhole("leaseMs", leaseMs, { least: 1, most: limits.leaseMs });
      const now = clock.now();
      apply(tables, find(lease).id, { type: "renewed", leaseId: lease.id, until: now + leaseMs }, now);
    },

    async complete(lease, outcome) {
      if ("text" in outcome) checkBytes("reply", outcome.text, limits.replyBytes);
      const stored = find(lease);
      const before = completedBefore(stored, lease.id);
      if (before !== null) return before;
      const now = clock.now();
      const completed = apply(tables, stored.id, { type: "completed", leaseId: lease.id, outcome }, now);
      const message = messageOf(completed, outcome, now);
      if (message === null) return { message: "none" };
      tables.messages.push(message);
      return { message: "posted" };
    },

    async fail(lease, failure) {
      const stored = find(lease);
      const now = clock.now();
      if (hasGivenUp(stored, lease.id)) return failAnswer(stored, now);
      const backoffMs = backoffFor(stored, failure, backoff, random);
      const event = { type: "failed", leaseId: lease.id, failure, backoffMs } as const;
      return failAnswer(apply(tables, stored.id, event, now), now);
    },

    async release(lease) {
      const stored = find(lease);
      if (hasGivenUp(stored, lease.id)) return;
      apply(tables, stored.id, { type: "released", leaseId: lease.id }, clock.now());
      for (const onWork of account().watchers) onWork();
    },

    async agents() {
      const { id, rosterRevision: revision, agents } = account();
      const shown = [...agents.values()]
        .map(({ agent }) => agent)
        .filter(({ slug, leaving }) => !leaving || isBusy(tables, id, slug));
      return { revision, agents: shown.toSorted((a, b) => (a.slug < b.slug ? -1 : 1)) };
    },
    async providerKeys() {
      account();
      return { generation: 0, keys: [] };
    },
    async report(report) {
      const { id, rosterRevision } = account();
      const { workerId, incarnation } = report;
      const isFenced = tables.incarnations.some(
        (each) => each.account === id && each.incarnation === incarnation && each.fenced,
      );
      if (isFenced) throw new WorkerFencedError({ workerId });
      for (const [key, { account: of, receivedAt }] of tables.reports)
        if (of === id && receivedAt > clock.now()) tables.reports.delete(key);
      const worker = `${id}\n${workerId}`;
      if (isNewer(report, tables.reports.get(worker)?.report ?? null))
        tables.reports.set(worker, { account: id, report, receivedAt: clock.now() });
      return { directives: [], rosterRevision, keysGeneration: 0 };
    },

    watch(onWork, signal) {
      const { watchers } = account();
      watchers.add(onWork);
      signal.addEventListener("abort", () => watchers.delete(onWork), { once: true });
    },
  };
}
