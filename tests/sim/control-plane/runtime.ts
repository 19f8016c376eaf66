import {
  checkBytes,
  fullJitter,
  InvalidInputError,
  LeaseLostError,
  limits,
  messageOf,
  UnauthorizedError,
  type Failure,
  type LeaseProof,
  type Notification,
  type RuntimePort,
} from "@lobstercontrol/core";
import { claim } from "./claim.ts";
import type { ControlPlaneOptions } from "./control-plane.ts";
import { apply, type Account, type Tables } from "./tables.ts";

/** A runtime's calls. Each has its whole effect before it first gives way, as in one transaction. */
export function createRuntimePort(
  tables: Tables,
  { clock, random, backoff }: ControlPlaneOptions,
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
      checkWhole("limit", request.limit, limits.claim);
      checkWhole("leaseMs", request.leaseMs, limits.leaseMs);
      return claim(tables, account().id, request, clock.now());
    },

    async begin(lease, { sessionMark, verdictBefore = null }) {
      const { id } = find(lease);
      const { sessionKey } = tables.queueOf.get(id)!;
      const event = { type: "begun", leaseId: lease.id, sessionKey, sessionMark, verdictBefore } as const;
      apply(tables, id, event, clock.now());
    },

    async renew(lease, leaseMs) {
      checkWhole("leaseMs", leaseMs, limits.leaseMs);
      const now = clock.now();
      apply(tables, find(lease).id, { type: "renewed", leaseId: lease.id, until: now + leaseMs }, now);
    },

    async complete(lease, outcome) {
      if ("text" in outcome) checkBytes("reply", outcome.text, limits.replyBytes);
      const stored = find(lease);
      if (stored.state === "delivered" && stored.lastLeaseId === lease.id)
        return { message: posts(stored) ? "duplicate" : "none" };
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
      if (isEnd(stored, lease)) return answerOf(stored, now);
      const backoffMs = backoffFor(stored, failure);
      return answerOf(
        apply(tables, stored.id, { type: "failed", leaseId: lease.id, failure, backoffMs }, now),
        now,
      );
    },

    async release(lease) {
      const stored = find(lease);
      if (isEnd(stored, lease)) return;
      apply(tables, stored.id, { type: "released", leaseId: lease.id }, clock.now());
      for (const onWork of account().watchers) onWork();
    },

    async agents() {
      const { rosterRevision: revision, agents } = account();
      return { revision, agents: [...agents.values()].toSorted((a, b) => (a.slug < b.slug ? -1 : 1)) };
    },
    async providerKeys() {
      account();
      return { generation: 0, keys: [] };
    },
    async report() {
      const { rosterRevision } = account();
      return { directives: [], rosterRevision, keysGeneration: 0 };
    },

    watch(onWork, signal) {
      const { watchers } = account();
      watchers.add(onWork);
      signal.addEventListener("abort", () => watchers.delete(onWork), { once: true });
    },
  };

  function backoffFor(notification: Notification, failure: Failure): number {
    const tries = failure.countsAttempt ? notification.attempts : notification.waits + 1;
    return Math.max(fullJitter(tries, backoff, random), failure.retryAfterMs ?? 0);
  }
}

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

function checkWhole(field: string, value: number, most: number): void {
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw new InvalidInputError({ field, problem: `must be a whole number from 1 to ${most}` });
}
