import * as fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { accountId, agentSlug, newLeaseId, newNotificationId, threadId, type LeaseId } from "../ids.ts";
import { limits } from "../limits.ts";
import { sessionKey } from "../session-key.ts";
import { LeaseLostError, NoAttemptsLeftError, WrongStateError } from "./errors.ts";
import { isUnresolved, transition } from "./transition.ts";
import type {
  AttemptVerdict,
  DeliveryOutcome,
  Failure,
  Lease,
  Notification,
  NotificationEvent,
  SessionMark,
} from "./types.ts";

const t0 = 1_700_000_000_000;
const leaseMs = 30_000;
const key = sessionKey({ account: "acme", agent: "writer", thread: "t1", epoch: 0 });

const pending: Notification = deepFreeze({
  id: newNotificationId(0),
  account: accountId.parse("acme"),
  agent: agentSlug.parse("writer"),
  thread: threadId.parse("t1"),
  input: "Hello",
  instructions: null,
  idempotencyKey: "k1",
  state: "pending",
  position: 7,
  attempts: 0,
  maxAttempts: 3,
  waits: 0,
  notBefore: t0,
  lease: null,
  attempt: null,
  repeated: false,
  lastLeaseId: null,
  outcome: null,
  lastError: null,
  createdAt: t0,
  deliveredAt: null,
});

const [first, second] = [newLeaseId(), newLeaseId()];
const lease = (id: LeaseId): Lease => ({
  id,
  workerId: "w1",
  incarnation: "i1",
  claimId: "c1",
  until: t0 + leaseMs,
});
const reply: DeliveryOutcome = { kind: "reply", text: "Hi", responseId: "resp_1" };
const reason = { code: "ERR_RUN_FAILED", message: "The provider answered 500." };
const failure = (over: Partial<Failure> = {}): Failure => ({
  outcome: "ran",
  reason,
  retryable: true,
  countsAttempt: true,
  ...over,
});

const claimed = (id = first): NotificationEvent => ({ type: "claimed", lease: lease(id) });
const begun = (
  leaseId = first,
  over: { sessionMark?: SessionMark | null; verdictBefore?: AttemptVerdict | null } = {},
): NotificationEvent => ({
  type: "begun",
  leaseId,
  sessionKey: key,
  sessionMark: { entries: 4 },
  verdictBefore: null,
  ...over,
});
/** An attempt that cannot be looked into. */
const begunBlind = (leaseId = first) => begun(leaseId, { sessionMark: null });
const renewed = (leaseId = first): NotificationEvent => ({
  type: "renewed",
  leaseId,
  until: t0 + 2 * leaseMs,
});
const completed = (leaseId = first, outcome: DeliveryOutcome = reply): NotificationEvent => ({
  type: "completed",
  leaseId,
  outcome,
});
const failed = (leaseId = first, over: Partial<Failure> = {}, backoffMs = 5_000): NotificationEvent => ({
  type: "failed",
  leaseId,
  failure: failure(over),
  backoffMs,
});
const released = (leaseId = first): NotificationEvent => ({ type: "released", leaseId });
const expired: NotificationEvent = { type: "expired" };
const redriven: NotificationEvent = { type: "redriven", position: 99 };

/** What becomes of a notification by these events, one a second from t0 on. */
function after(...events: NotificationEvent[]): Notification {
  return from(pending, ...events);
}
function from(notification: Notification, ...events: NotificationEvent[]): Notification {
  return events.reduce(
    (last, event, index) => deepFreeze(transition(last, event, t0 + index * 1_000)),
    deepFreeze(notification),
  );
}
const oneTry = (...events: NotificationEvent[]) => from({ ...pending, maxAttempts: 1 }, ...events);

describe("claimed", () => {
  it("leases what is pending and counts the attempt", () => {
    expect(after(claimed())).toEqual({ ...pending, state: "leased", lease: lease(first), attempts: 1 });
  });

  it.each([
    ["leased", after(claimed())],
    ["delivered", after(claimed(), completed())],
    ["dead", oneTry(claimed(), failed())],
  ])("promise 2: refuses what is %s", (state, notification) => {
    expect(notification.state).toBe(state);
    expect(() => transition(notification, claimed(second), t0)).toThrow(WrongStateError);
  });
});

describe("begun", () => {
  it("stores the attempt with its mark, and leaves everything else", () => {
    expect(after(claimed(), begun())).toEqual({
      ...after(claimed()),
      attempt: {
        number: 1,
        leaseId: first,
        sessionKey: key,
        sessionMark: { entries: 4 },
        outcome: null,
        verdictBefore: null,
      },
    });
  });

  it("promise 5: is the same attempt when it arrives twice, and no repetition", () => {
    const notification = after(claimed(), begun());
    expect(from(notification, begun())).toBe(notification);
  });

  it("numbers the attempts", () => {
    expect(after(claimed(), begun(), failed(), claimed(second), begun(second)).attempt).toMatchObject({
      number: 2,
      leaseId: second,
      outcome: null,
    });
  });

  it.each<[string, boolean, NotificationEvent[]]>([
    ["none began", false, [claimed(), failed(first, { outcome: "notSent" })]],
    ["none began before the lease ran out", false, [claimed(), expired]],
    ["it was not sent", false, [claimed(), begun(), failed(first, { outcome: "notSent" })]],
    ["it was refused", false, [claimed(), begun(), failed(first, { outcome: "refused" })]],
    ["it ran", true, [claimed(), begun(), failed(first, { outcome: "ran" })]],
    ["it may have run", true, [claimed(), begun(), failed(first, { outcome: "maybeRan" })]],
    ["its runtime vanished", true, [claimed(), begun(), expired]],
    ["it was handed back after it began", true, [claimed(), begun(), released()]],
    [
      "an earlier one ran, though the last was not sent",
      true,
      [claimed(), begun(), expired, claimed(second), begun(second), failed(second, { outcome: "notSent" })],
    ],
  ])("promise 5: when, of the attempt before, %s: a further one is repeated: %s", (_, repeated, events) => {
    const next = newLeaseId();
    expect(from(after(...events), claimed(next), begun(next)).repeated).toBe(repeated);
  });

  it.each<[AttemptVerdict, boolean]>([
    ["notRun", false],
    ["aborted", true],
    ["failed", true],
    ["unknown", true],
  ])("promise 5: stores the verdict %s; repeated is %s", (verdictBefore, repeated) => {
    const notification = after(
      claimed(),
      begun(),
      expired,
      claimed(second),
      begun(second, { verdictBefore }),
    );
    expect(notification).toMatchObject({ repeated, attempt: { leaseId: second, verdictBefore } });
  });

  it("keeps repeated when the last attempt did not run, but one before it may have", () => {
    const third = newLeaseId();
    const events = [claimed(), begun(), expired, claimed(second), begun(second), expired, claimed(third)];
    expect(after(...events, begun(third, { verdictBefore: "notRun" })).repeated).toBe(true);
  });
});

describe("renewed", () => {
  it("makes the lease last longer, and leaves everything else", () => {
    const leased = after(claimed());
    expect(after(claimed(), renewed())).toEqual({
      ...leased,
      lease: { ...lease(first), until: t0 + 2 * leaseMs },
    });
  });
});

describe("completed", () => {
  it("delivers: settles the attempt, ends the lease, forgets the errors before", () => {
    const notification = after(claimed(), failed(), claimed(second), begun(second), completed(second));
    expect(notification).toMatchObject({
      state: "delivered",
      lease: null,
      lastLeaseId: second,
      attempts: 2,
      waits: 0,
      attempt: { number: 2, leaseId: second, outcome: "ran" },
      outcome: "reply",
      lastError: null,
      deliveredAt: t0 + 4_000,
    });
  });

  it.each<DeliveryOutcome["kind"]>(["reply", "truncated", "noReply", "heartbeatOk", "empty"])(
    "keeps how it ended: %s",
    (kind) => {
      expect(after(claimed(), completed(first, { ...reply, kind })).outcome).toBe(kind);
    },
  );

  it("promise 2: is accepted after the lease's time, while nobody else has it", () => {
    expect(transition(after(claimed()), completed(), t0 + 100 * leaseMs).state).toBe("delivered");
  });

  it("promise 2: is accepted even when the last attempt was given up meanwhile", () => {
    const dead = oneTry(claimed(), begunBlind(), expired);
    expect(dead).toMatchObject({ state: "dead", lease: { id: first } });
    expect(transition(dead, completed(), t0)).toMatchObject({
      state: "delivered",
      lease: null,
      lastError: null,
    });
  });

  it("promise 5: settles the attempt before when its reply was found; that is no repetition", () => {
    const notification = after(claimed(), begun(), expired, claimed(second), completed(second));
    expect(notification).toMatchObject({ repeated: false, attempt: { leaseId: first, outcome: "ran" } });
  });
});

describe("failed", () => {
  it("promise 1: waits for the next attempt while one is left, and keeps why", () => {
    expect(after(claimed(), begun(), failed())).toMatchObject({
      state: "pending",
      lease: null,
      lastLeaseId: first,
      attempts: 1,
      notBefore: t0 + 2_000 + 5_000,
      lastError: reason,
      attempt: { outcome: "ran" },
      position: pending.position,
    });
  });

  it("promise 1: is dead with the last attempt, not gone", () => {
    const notification = after(...[first, second, newLeaseId()].flatMap((id) => [claimed(id), failed(id)]));
    expect(notification).toMatchObject({ state: "dead", lease: null, attempts: 3, lastError: reason });
  });

  it("is dead at once when no other try can help", () => {
    expect(after(claimed(), failed(first, { retryable: false }))).toMatchObject({
      state: "dead",
      attempts: 1,
    });
  });

  it("costs no attempt when the gateway could not take it, however often", () => {
    let notification = pending;
    for (let tries = 1; tries <= 20; tries++) {
      notification = from(
        notification,
        claimed(),
        failed(first, { outcome: "notSent", countsAttempt: false }),
      );
      expect(notification).toMatchObject({ state: "pending", attempts: 0, waits: tries });
    }
    expect(from(notification, claimed(), failed()).waits).toBe(0);
  });

  it("waits no longer than the limit, whatever is asked", () => {
    expect(after(claimed(), failed(first, {}, Infinity)).notBefore).toBe(t0 + 1_000 + limits.waitMs);
  });
});

describe("promise 5: the last attempt, which nobody saw end", () => {
  const cut = { outcome: "maybeRan" } as const;

  it.each<[string, NotificationEvent[]]>([
    ["was cut", [begun(), failed(first, cut)]],
    ["was cut, and another try could not help", [begun(), failed(first, { ...cut, retryable: false })]],
    ["lost its runtime", [begun(), expired]],
  ])("is looked into when it %s", (_, events) => {
    const notification = oneTry(claimed(), ...events);
    expect(notification).toMatchObject({ state: "pending", attempts: 1 });
    expect(from(notification, claimed(second))).toMatchObject({
      state: "leased",
      attempts: 2,
      maxAttempts: 1,
    });
  });

  it("is the last though attempts are left, when another try could not help", () => {
    const notification = after(claimed(), begun(), failed(first, { ...cut, retryable: false }));
    expect(notification).toMatchObject({ state: "pending", attempts: 3, maxAttempts: 3 });
  });

  const lookedInto = [claimed(), begun(), failed(first, cut), claimed(second)];

  it("is delivered by the reply that was found", () => {
    expect(oneTry(...lookedInto, completed(second))).toMatchObject({ state: "delivered", repeated: false });
  });

  it.each(["ran", "notSent", "maybeRan"] as const)("is dead once it is known that it %s", (outcome) => {
    expect(oneTry(...lookedInto, failed(second, { outcome, retryable: false }))).toMatchObject({
      state: "dead",
      attempt: { leaseId: first, outcome },
    });
  });

  it("does not begin another attempt", () => {
    const looking = oneTry(...lookedInto);
    expect(() => transition(looking, begun(second), t0)).toThrow(NoAttemptsLeftError);
  });

  it("is looked into again when the gateway could not be asked, however often", () => {
    const notAsked = { outcome: "notSent", countsAttempt: false } as const;
    let notification = oneTry(...lookedInto);
    for (let tries = 1; tries <= 20; tries++) {
      notification = from(notification, failed(second, notAsked), claimed(second));
      expect(notification).toMatchObject({ state: "leased", attempts: 2, attempt: cut });
    }
  });

  it("is dead, not looping, when the look takes its runtime down each time", () => {
    const looks = Array.from({ length: 5 }, () => newLeaseId());
    const events = looks.flatMap((id) => [claimed(id), expired]);
    expect(oneTry(claimed(), begun(), expired, ...events).state).toBe("dead");
    expect(oneTry(claimed(), begun(), expired, ...events.slice(0, -2)).state).toBe("pending");
  });

  it.each(["notSent", "refused", "ran"] as const)("is dead when it is known that it %s", (outcome) => {
    expect(oneTry(claimed(), begun(), failed(first, { outcome })).state).toBe("dead");
  });

  it("is looked into, however often its lease ran out while it ran, once its holder tells that it was cut", () => {
    const leases = Array.from({ length: 5 }, () => newLeaseId());
    const events = leases.flatMap((id, index) => (index < 4 ? [claimed(id), expired] : [claimed(id)]));
    const running = oneTry(claimed(), begun(), expired, ...events);
    expect(from(running, failed(leases[4], cut))).toMatchObject({ state: "pending", attempts: 1 });
  });

  it("is not looked into again once it is redriven: others have used the session since", () => {
    const dead = oneTry(...lookedInto, failed(second, { outcome: "maybeRan", retryable: false }));
    expect(isUnresolved(from(dead, redriven).attempt)).toBe(false);
  });

  it("is dead when there is no mark to look into its session with", () => {
    expect(oneTry(claimed(), begunBlind(), failed(first, cut)).state).toBe("dead");
  });
});

describe("released", () => {
  it("hands it back at once and costs no attempt", () => {
    expect(after(claimed(), released())).toEqual({ ...pending, lastLeaseId: first, notBefore: t0 + 1_000 });
  });
});

describe("expired", () => {
  it("promise 1: makes it pending again, the attempt stays counted, and its last holder is remembered", () => {
    const lapsed = { ...pending, attempts: 1, notBefore: t0 + 1_000, lease: lease(first) };
    expect(after(claimed(), expired)).toEqual(lapsed);
  });

  it.each([
    ["pending again", after(claimed(), begun(), expired)],
    ["dead", oneTry(claimed(), begunBlind(), expired)],
  ])("promise 2: its last holder may still complete one that is %s, and do nothing else", (_, lapsed) => {
    expect(transition(lapsed, completed(), t0)).toMatchObject({
      state: "delivered",
      lease: null,
      lastLeaseId: first,
    });
    for (const write of [begun, renewed, failed, released])
      expect(() => transition(lapsed, write(), t0)).toThrow(LeaseLostError);
  });

  it("is dead, not looping, when it takes its runtime down each time; its last holder keeps the lease", () => {
    expect(oneTry(claimed(), expired)).toMatchObject({
      state: "dead",
      attempts: 1,
      lease: lease(first),
      lastError: { code: "ERR_LEASE_EXPIRED" },
    });
  });

  it.each([
    ["pending", pending],
    ["delivered", after(claimed(), completed())],
    ["dead", oneTry(claimed(), expired)],
  ])("refuses what is %s", (_, notification) => {
    expect(() => transition(notification, expired, t0)).toThrow(WrongStateError);
  });
});

describe("redriven", () => {
  it.each([
    ["failed", oneTry(claimed(), begun(), failed())],
    ["ran out of leases", oneTry(claimed(), begunBlind(), expired)],
  ])("promise 4: gives one that %s new attempts, at the end of its session key", (_, dead) => {
    expect(transition(dead, redriven, t0 + 60_000)).toEqual({
      ...dead,
      // Others may have used the session since: what it tells now is about them.
      attempt: dead.attempt && { ...dead.attempt, sessionMark: null },
      state: "pending",
      lease: null,
      position: 99,
      attempts: 0,
      waits: 0,
      notBefore: t0 + 60_000,
    });
  });

  it("promise 2: takes the lease from whoever was only slow", () => {
    const again = transition(oneTry(claimed(), expired), redriven, t0);
    expect(() => transition(again, completed(), t0)).toThrow(LeaseLostError);
  });

  it.each([
    ["pending", pending],
    ["leased", after(claimed())],
    ["delivered", after(claimed(), completed())],
  ])("refuses what is %s", (_, notification) => {
    expect(() => transition(notification, redriven, t0)).toThrow(WrongStateError);
  });
});

describe("promise 2: a stale holder cannot write", () => {
  const writes = { begun, renewed, completed, failed, released };

  describe.each(Object.entries(writes))("%s", (_, write) => {
    it.each([
      ["was leased again", after(claimed(), expired, claimed(second))],
      ["was handed back", after(claimed(), released())],
      ["failed", after(claimed(), failed())],
      ["is delivered", after(claimed(), completed())],
      ["is dead", oneTry(claimed(), failed())],
      ["was never leased", pending],
    ])("is refused when it %s", (__, notification) => {
      expect(() => transition(notification, write(first), t0)).toThrow(LeaseLostError);
    });
  });
});

describe("whatever happens, in whatever order", () => {
  const ids = [first, second, newLeaseId()];
  const id = fc.constantFrom(...ids);
  const outcome = fc.constantFrom("notSent", "refused", "ran", "maybeRan");
  const event: fc.Arbitrary<NotificationEvent> = fc.oneof(
    fc.record({ type: fc.constant("claimed"), lease: id.map(lease) }),
    fc.oneof(
      id.map((leaseId) => begun(leaseId)),
      id.map(begunBlind),
    ),
    fc.record({ type: fc.constant("renewed"), leaseId: id, until: fc.integer({ min: t0, max: t0 + 1e6 }) }),
    fc.record({
      type: fc.constant("completed"),
      leaseId: id,
      outcome: fc.constantFrom<DeliveryOutcome>(reply, { kind: "noReply", responseId: null }),
    }),
    fc.record({
      type: fc.constant("failed"),
      leaseId: id,
      failure: fc
        .record({ outcome, retryable: fc.boolean(), countsAttempt: fc.boolean() })
        .map((over) => failure(over)),
      backoffMs: fc.nat({ max: 10 * limits.waitMs }),
    }),
    id.map(released),
    fc.constant(expired),
    fc.record({ type: fc.constant("redriven"), position: fc.integer({ min: 100, max: 1_000 }) }),
  );
  const story = fc.record({
    maxAttempts: fc.integer({ min: 1, max: 4 }),
    events: fc.array(event, { minLength: 1, maxLength: 60, size: "max" }),
  });
  /** Its last lease ran out, and the reply came after all: too rare to be met by chance in each run. */
  const late: [{ maxAttempts: number; events: NotificationEvent[] }] = [
    {
      maxAttempts: 1,
      events: [
        { type: "claimed", lease: lease(first) },
        begunBlind(first),
        expired,
        { type: "completed", leaseId: first, outcome: reply },
      ],
    },
  ];
  const seen = new Set<string>();
  beforeEach(() => seen.clear());

  const refusals = [LeaseLostError, NoAttemptsLeftError, WrongStateError];

  /** Applies an event to a frozen notification; null when it was refused, as it may be in three ways alone. */
  function tryTransition(
    notification: Notification,
    next: NotificationEvent,
    now: number,
  ): Notification | null {
    const before = JSON.stringify(notification);
    try {
      return deepFreeze(transition(deepFreeze(notification), next, now));
    } catch (error) {
      if (!refusals.some((refusal) => refusal.isInstance(error))) throw error;
      return null;
    } finally {
      expect(JSON.stringify(notification)).toBe(before);
    }
  }

  it("the notification is in one of four states, and every field fits the state", () => {
    fc.assert(
      fc.property(story, ({ maxAttempts, events }) => {
        let notification: Notification = { ...pending, maxAttempts };
        events.forEach((next, index) => {
          const now = t0 + index;
          const result = tryTransition(notification, next, now);
          if (result === null) return;
          seen.add(`${notification.state} ${next.type} ${result.state}`);
          expectSound(notification, next, result, now);
          notification = result;
        });
      }),
      { numRuns: 500, examples: [late] },
    );
    // The stories are not empty: every arrow of the drawing in types.ts was walked, and no other.
    expect([...seen].toSorted()).toEqual([
      "dead completed delivered",
      "dead redriven pending",
      "leased begun leased",
      "leased completed delivered",
      "leased expired dead",
      "leased expired pending",
      "leased failed dead",
      "leased failed pending",
      "leased released pending",
      "leased renewed leased",
      "pending claimed leased",
      "pending completed delivered",
    ]);
  });

  function expectSound(
    before: Notification,
    next: NotificationEvent,
    result: Notification,
    now: number,
  ): void {
    const { state, attempts } = result;
    // A begin that arrives twice changes nothing.
    if (next.type !== "begun") expect(result).not.toBe(before);
    expect(Object.keys(result).toSorted()).toEqual(Object.keys(pending).toSorted());

    // Promise 1: it is somewhere, and delivered is the end.
    expect(["pending", "leased", "delivered", "dead"]).toContain(state);
    expect(before.state).not.toBe("delivered");
    expect(Number.isSafeInteger(attempts)).toBe(true);
    expect(attempts).toBeGreaterThanOrEqual(state === "leased" ? 1 : 0);
    // Above the most that there may be, only an attempt that nobody saw end is looked into, a few times.
    const spare = isUnresolved(before.attempt) || isUnresolved(result.attempt) ? 5 : 0;
    expect(attempts).toBeLessThanOrEqual(result.maxAttempts + spare);
    if (state === "pending")
      expect(attempts).toBeLessThan(result.maxAttempts + (isUnresolved(result.attempt) ? spare : 0));
    if (state === "pending") expect(result.notBefore).toBeLessThanOrEqual(now + limits.waitMs);

    // Promise 2: a lease is there when it is leased, or when it ran out and nothing came of it yet; whoever wrote held it.
    expect(result.lease !== null).toBe(state === "leased" || next.type === "expired");
    if ("leaseId" in next) expect(before.lease?.id).toBe(next.leaseId);

    // Promise 4: its place changes by a redrive alone; a dead one comes back by a redrive alone.
    if (next.type !== "redriven") expect(result.position).toBe(before.position);
    if (before.state === "dead" && next.type !== "redriven") expect(state).not.toMatch(/pending|leased/);

    // Promise 5: what may have run stays told.
    if (before.repeated) expect(result.repeated).toBe(true);

    expect(result.outcome !== null).toBe(state === "delivered");
    expect(result.deliveredAt).toBe(state === "delivered" ? now : null);
    if (state === "dead") expect(result.lastError).not.toBeNull();
    for (const field of [
      "id",
      "account",
      "agent",
      "thread",
      "input",
      "idempotencyKey",
      "maxAttempts",
    ] as const)
      expect(result[field]).toBe(before[field]);
  }

  it("promise 1: a delivered one refuses everything", () => {
    fc.assert(
      fc.property(event, id, (next, holder) => {
        expect(tryTransition(after(claimed(holder), completed(holder)), next, t0)).toBeNull();
      }),
    );
  });
});

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) Object.values(value).forEach((inner) => deepFreeze(inner));
  return Object.freeze(value);
}
