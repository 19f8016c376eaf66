import {
  LeaseLostError,
  limits,
  NoAttemptsLeftError,
  type Claim,
  type Failure,
  type LeaseProof,
  type NotificationId,
} from "@lobstercontrol/core";
import { createFakeClock } from "@lobstercontrol/core/testing";
import { createSqliteControlPlane } from "@lobstercontrol/sqlite";
import * as fc from "fast-check";
import { expect, it } from "vitest";

const leaseMs = 30_000;
const threads = ["t1", "t2", "t3"];
const workers = ["w1", "w2"];

/** One call, or a stretch of time. `pick` chooses among the leases that were ever handed out, good or not. */
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("notify" as const), thread: fc.constantFrom(...threads) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("claim" as const),
      worker: fc.constantFrom(...workers),
      limit: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("restart" as const), worker: fc.constantFrom(...workers) }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom(
        "begin" as const,
        "renew" as const,
        "complete" as const,
        "fail" as const,
        "release" as const,
      ),
      pick: fc.nat(),
      retryable: fc.boolean(),
      countsAttempt: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("redrive" as const), pick: fc.nat() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("wait" as const),
      ms: fc.constantFrom(1, 1_000, leaseMs / 2, leaseMs + 1, 600_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("jump" as const),
      ms: fc.constantFrom(-86_400_000, -60_000, 60_000, 86_400_000),
    }),
  },
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Does one step after the other, and checks after each what must hold whatever came before. */
async function play(steps: readonly Step[]): Promise<void> {
  const clock = createFakeClock();
  const controlPlane = createSqliteControlPlane({
    path: ":memory:",
    clock,
    maxAttempts: 2,
    backoff: { baseMs: 1_000, capMs: 4_000 },
  });
  await controlPlane.platform.upsertAccount({ account: "acme" });
  await controlPlane.platform.upsertAgent({ account: "acme", agent: "writer" });
  const admin = controlPlane.admin({ id: "u" }, "acme");
  const port = controlPlane.runtime((await admin.issueServiceToken()).token);
  const incarnations = new Map(workers.map((worker) => [worker, `${worker}-0`]));
  const claims: Claim[] = [];
  const notified: NotificationId[] = [];
  let count = 0;

  const all = async () => (await admin.notifications({ limit: 1_000 })).items.toReversed();

  async function claim(workerId: string, limit: number): Promise<void> {
    const before = await all();
    const got = await port.claim({
      workerId,
      incarnation: incarnations.get(workerId)!,
      claimId: String(++count),
      limit,
      leaseMs,
    });
    claims.push(...got);
    // Promise 4: what is handed out is the first of its thread that is neither delivered nor dead; and one of each.
    expect(new Set(got.map(({ thread }) => thread)).size).toBe(got.length);
    for (const { lease, thread } of got) {
      const ahead = before
        .filter((each) => each.thread === thread && (each.state === "pending" || each.state === "leased"))
        .toSorted((a, b) => a.position - b.position);
      const dead = new Set((await admin.deadLetters({ limit: 1_000 })).items.map(({ id }) => id));
      expect(ahead.find(({ id }) => !dead.has(id))?.id).toBe(lease.notification);
    }
  }

  async function write(how: Extract<Step, { pick: number }>): Promise<void> {
    if (how.do === "redrive") {
      const dead = (await admin.deadLetters()).items;
      if (dead.length > 0) await admin.redrive(dead[how.pick % dead.length]!.id);
      return;
    }
    const lease = claims[how.pick % claims.length]?.lease;
    if (lease === undefined) return;
    const find = async () => (await all()).find(({ id }) => id === lease.notification)!;
    const before = await find();
    const holds = before.lease?.id === lease.id;
    const ended = before.lease === null && before.lastLeaseId === lease.id;
    const done = await writeWith(lease, how).then(
      () => true,
      (error: unknown) => {
        expect(LeaseLostError.isInstance(error) || NoAttemptsLeftError.isInstance(error)).toBe(true);
        return false;
      },
    );
    // Promise 2: its holder may write; one whose lease ran out may complete what it began; one that ended it may say so again; nobody else.
    const completesLate = how.do === "complete" && before.attempt?.leaseId === lease.id;
    const delivered = before.state === "delivered";
    const again = { complete: delivered, fail: !delivered, release: !delivered, begin: false, renew: false };
    // Promise 5: a lease that is for looking into the last attempt begins no other.
    const onlyLooks = before.attempts > before.maxAttempts && how.do === "begin";
    expect(done).toBe(
      (holds && !onlyLooks && (before.state === "leased" || completesLate)) || (ended && again[how.do]),
    );
    if (!done || ended) expect(await find()).toEqual(before);
  }

  async function writeWith(lease: LeaseProof, how: Extract<Step, { retryable: boolean }>): Promise<void> {
    const { retryable, countsAttempt } = how;
    const failure: Failure = {
      outcome: how.pick % 2 === 0 ? "ran" : "maybeRan",
      reason: { code: "ERR_X", message: "No." },
      retryable,
      countsAttempt,
    };
    switch (how.do) {
      case "begin":
        return await port.begin(lease, { sessionMark: retryable ? { seen: 1 } : null });
      case "renew":
        return await port.renew(lease, leaseMs);
      case "complete":
        return void (await port.complete(lease, { kind: "reply", text: lease.id, responseId: null }));
      case "fail":
        return void (await port.fail(lease, failure));
      case "release":
        return await port.release(lease);
    }
  }

  async function act(each: Step): Promise<void> {
    switch (each.do) {
      case "notify": {
        const input = {
          account: "acme",
          agent: "writer",
          thread: each.thread,
          input: "x",
          idempotencyKey: String(++count),
        };
        notified.push(await controlPlane.platform.notify(input));
        return;
      }
      case "claim":
        return await claim(each.worker, each.limit);
      case "restart":
        incarnations.set(each.worker, `${each.worker}-${++count}`);
        return;
      case "wait":
        return clock.advance(each.ms);
      case "jump":
        return clock.jump(each.ms);
      case "begin":
      case "renew":
      case "complete":
      case "fail":
      case "release":
      case "redrive":
        return await write(each);
    }
  }

  for (const each of steps) {
    await act(each);
    const now = await all();
    const { messages } = await controlPlane.platform.messages({ limit: 1_000 });
    // Promise 1: everything is somewhere. Promise 2: one lease to a thread at most. Promise 3: one message to each delivered one.
    expect(now.map(({ id }) => id)).toEqual(notified);
    for (const thread of threads)
      expect(
        now.filter((other) => other.thread === thread && other.state === "leased").length,
      ).toBeLessThanOrEqual(1);
    expect(messages.map(({ notification }) => notification).toSorted()).toEqual(
      now
        .filter(({ state }) => state === "delivered")
        .map(({ id }) => id)
        .toSorted(),
    );
  }

  // Promise 1, and a clock that jumped: once somebody works again, everything is delivered.
  for (const { id } of (await admin.deadLetters()).items) await admin.redrive(id);
  // Nothing waits longer than an hour, so that each hour delivers something.
  for (let hour = 0; hour <= notified.length; hour++) {
    clock.advance(limits.waitMs);
    for (const { id } of (await admin.deadLetters()).items) await admin.redrive(id);
    const got = await port.claim({
      workerId: "last",
      incarnation: "last",
      claimId: String(++count),
      limit: 10,
      leaseMs,
    });
    for (const { lease } of got)
      await port.complete(lease, { kind: "reply", text: lease.id, responseId: null });
  }
  expect((await all()).every(({ state }) => state === "delivered")).toBe(true);
  controlPlane.close();
}

it("promises 1 to 4 hold after any calls in any order, with restarts, stale leases and a clock that jumps", async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), play), { numRuns: 500 });
}, 60_000);
