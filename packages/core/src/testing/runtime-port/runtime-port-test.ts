import { afterEach, beforeEach, expect } from "vitest";
import type { BackoffOptions } from "../../backoff.ts";
import type { DeliveryOutcome, Failure, Message, NotificationState } from "../../notification/types.ts";
import type { NotificationId } from "../../ids.ts";
import { limits } from "../../limits.ts";
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

/** A control plane under test. */
export interface RuntimePortSubject<Admin extends AdminOfDeliveries = AdminOfDeliveries> {
  /**
   * It is not made for this test alone: it holds what others have stored, and its time is its own. Accounts are then named as
   * nobody else's are, and tests of what happens at which time are skipped, since the clock cannot be moved.
   */
  isShared?: boolean;
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
  /**
   * The time of the control plane. Looking at it skips the test where that cannot be moved, so a test to which it matters that
   * no time passes looks at once.
   */
  readonly clock: FakeClock;
  subject: RuntimePortSubject<Admin>;
  /** An account, which has the agents writer and reviewer; acme where nobody else is. */
  account: string;
  /** Its runtime. */
  port: RuntimePort;
  /** An admin of it. */
  admin: Admin;
  /** Where the feed of messages stood before the test. */
  feedStart: { after?: string };
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
  let clock: FakeClock;
  let skip: (why: string) => never;
  const t = {
    get clock() {
      if (t.subject.isShared === true) skip("the clock of this control plane cannot be moved");
      return clock;
    },
    notify: (thread, over = {}) =>
      t.subject.platform.notify({
        account: t.account,
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
    allMessages: async () =>
      (await t.subject.platform.messages(t.feedStart)).messages.filter(
        ({ account }) => account === t.account,
      ),
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

  beforeEach(async (context) => {
    skip = context.skip;
    clock = createFakeClock();
    t.subject = await make({ clock, random: () => 0.5, maxAttempts: 3, backoff });
    const { platform, isShared = false } = t.subject;
    t.account = isShared ? `acme-${crypto.randomUUID()}` : "acme";
    t.feedStart = isShared ? await endOfFeed(platform) : {};
    await platform.upsertAccount({ account: t.account });
    for (const agent of ["writer", "reviewer"]) await platform.upsertAgent({ account: t.account, agent });
    t.admin = t.subject.admin({ id: "user-1" }, t.account);
    t.port = t.subject.runtime((await t.admin.issueServiceToken()).token);
  });
  afterEach(() => t.subject.close());
  return t;
}

async function endOfFeed(platform: PlatformPort): Promise<{ after?: string }> {
  for (let position: { after?: string } = {}; ;) {
    const { messages, cursor } = await platform.messages({ ...position, limit: limits.page });
    if (messages.length === 0) return position;
    position = { after: cursor };
  }
}
