import { afterEach, beforeEach, expect } from "vitest";
import type { BackoffOptions } from "../../backoff.ts";
import type { DeliveryOutcome, Failure, Message, NotificationState } from "../../notification/types.ts";
import type { NotificationId } from "../../ids.ts";
import type { AdminOf, DeliveryAdmin, ServiceTokenAdmin } from "../../ports/admin.ts";
import type { Claim, ClaimRequest } from "../../ports/delivery.ts";
import type { NotificationInput, PlatformPort } from "../../ports/platform.ts";
import type { RuntimePort } from "../../ports/runtime.ts";
import type { Secret } from "../../secret.ts";
import { createFakeClock, type FakeClock } from "../fake-clock.ts";

/** What the suite asks of a control plane under test. */
export interface RuntimePortSuiteOptions {
  /** Its time. */
  clock: FakeClock;
  /** Its randomness. */
  random: () => number;
  /** With this many attempts a notification is dead. */
  maxAttempts: number;
  /** The waits between attempts. */
  backoff: BackoffOptions;
}

/** What these suites need of an admin. */
export type AdminOfDeliveries = DeliveryAdmin & ServiceTokenAdmin;

/** A control plane under test, empty. */
export interface RuntimePortSubject<Admin extends AdminOfDeliveries = AdminOfDeliveries> {
  /** The platform's calls. */
  platform: PlatformPort;
  /** An admin's calls. */
  admin: AdminOf<Admin>;
  /** A runtime's calls. */
  runtime(serviceToken: Secret): RuntimePort;
  /** Removes everything. */
  close(): Promise<void> | void;
}

/** What the suite leases for, in milliseconds. */
export const leaseMs = 30_000;
/** What the suite waits between attempts. */
export const backoff = { baseMs: 1_000, capMs: 60_000 };
/** A reply. */
export const reply = (text: string): DeliveryOutcome => ({ kind: "reply", text, responseId: "resp_1" });
/** A failure of the run itself. */
export const failure = (over: Partial<Failure> = {}): Failure => ({
  outcome: "ran",
  reason: { code: "ERR_RUN_FAILED", message: "The provider answered 500." },
  retryable: true,
  countsAttempt: true,
  ...over,
});

/** What a test of the suite works with; made anew for each. */
export interface RuntimePortTest<Admin extends AdminOfDeliveries = AdminOfDeliveries> {
  clock: FakeClock;
  subject: RuntimePortSubject<Admin>;
  /** The runtime of the account acme, which has the agents writer and reviewer. */
  port: RuntimePort;
  /** An admin of it. */
  admin: Admin;
  notify(thread: string, over?: Partial<NotificationInput>): Promise<NotificationId>;
  claim(over?: Partial<ClaimRequest>, from?: RuntimePort): Promise<Claim[]>;
  claimOne(over?: Partial<ClaimRequest>): Promise<Claim>;
  allMessages(): Promise<Message[]>;
  stateOf(id: string): Promise<NotificationState | undefined>;
  /** Claims and fails until nothing is left to claim. */
  exhaust(): Promise<void>;
}

/** Opens a control plane before each test and closes it after. */
export function useRuntimePort<Admin extends AdminOfDeliveries>(
  make: (options: RuntimePortSuiteOptions) => Promise<RuntimePortSubject<Admin>> | RuntimePortSubject<Admin>,
): RuntimePortTest<Admin> {
  let count = 0;
  const t = {
    notify: (thread, over = {}) =>
      t.subject.platform.notify({
        account: "acme",
        agent: "writer",
        thread,
        input: `${thread} ${++count}`,
        idempotencyKey: `key-${count}`,
        ...over,
      }),
    claim: (over = {}, from = t.port) =>
      from.claim({ workerId: "w1", incarnation: "i1", claimId: `c${++count}`, limit: 10, leaseMs, ...over }),
    async claimOne(over = {}) {
      const claims = await t.claim({ limit: 1, ...over });
      expect(claims).toHaveLength(1);
      return claims[0]!;
    },
    allMessages: async () => (await t.subject.platform.messages()).messages,
    stateOf: async (id) =>
      (await t.admin.notifications()).items.find((notification) => notification.id === id)?.state,
    async exhaust() {
      for (;;) {
        const [next] = await t.claim({ limit: 1 });
        if (next === undefined) return;
        await t.port.begin(next.lease, { sessionMark: null });
        await t.port.fail(next.lease, failure());
        t.clock.advance(backoff.capMs);
      }
    },
  } as RuntimePortTest<Admin>;

  beforeEach(async () => {
    t.clock = createFakeClock();
    t.subject = await make({ clock: t.clock, random: () => 0.5, maxAttempts: 3, backoff });
    await t.subject.platform.upsertAccount({ account: "acme" });
    for (const agent of ["writer", "reviewer"])
      await t.subject.platform.upsertAgent({ account: "acme", agent });
    t.admin = t.subject.admin({ id: "user-1" }, "acme");
    t.port = t.subject.runtime((await t.admin.issueServiceToken()).token);
  });
  afterEach(() => t.subject.close());
  return t;
}
