import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { BackoffOptions } from "../backoff.ts";
import { limits } from "../limits.ts";
import { LeaseLostError, WorkerFencedError, WrongStateError } from "../notification/errors.ts";
import type { DeliveryOutcome, Failure, Message } from "../notification/types.ts";
import {
  IdempotencyConflictError,
  InvalidInputError,
  NotFoundError,
  TooLargeError,
  UnauthorizedError,
} from "../errors.ts";
import type { AdminOf, DeliveryAdmin, ServiceTokenAdmin } from "../ports/admin.ts";
import type { Claim, ClaimRequest } from "../ports/delivery.ts";
import type { NotificationInput, PlatformPort } from "../ports/platform.ts";
import type { RuntimePort } from "../ports/runtime.ts";
import type { Secret } from "../secret.ts";
import { createFakeClock, type FakeClock } from "./fake-clock.ts";

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

/** A control plane under test, empty. */
export interface RuntimePortSubject {
  /** The platform's calls. */
  platform: PlatformPort;
  /** An admin's calls. */
  admin: AdminOf<DeliveryAdmin & ServiceTokenAdmin>;
  /** A runtime's calls. */
  runtime(serviceToken: Secret): RuntimePort;
  /** Removes everything. */
  close(): Promise<void> | void;
}

const leaseMs = 30_000;
const backoff = { baseMs: 1_000, capMs: 60_000 };
const reply = (text: string): DeliveryOutcome => ({ kind: "reply", text, responseId: "resp_1" });
const failure = (over: Partial<Failure> = {}): Failure => ({
  outcome: "ran",
  reason: { code: "ERR_RUN_FAILED", message: "The provider answered 500." },
  retryable: true,
  countsAttempt: true,
  ...over,
});

/**
 * What every control plane must do for runtimes: promises 1 to 4 and 7. Call it in a test file; it needs vitest.
 *
 * @param name shown in the report
 * @param make opens an empty control plane with these settings
 *
 * @example
 * ```ts
 * import { runtimePortSuite } from "@lobstercontrol/core/testing";
 * import { createSqliteControlPlane } from "@lobstercontrol/sqlite";
 *
 * runtimePortSuite("SQLite", (options) => createSqliteControlPlane({ path: ":memory:", ...options }));
 * ```
 */
export function runtimePortSuite(
  name: string,
  make: (options: RuntimePortSuiteOptions) => Promise<RuntimePortSubject> | RuntimePortSubject,
): void {
  describe(`RuntimePort on ${name}`, () => {
    let clock: FakeClock;
    let subject: RuntimePortSubject;
    let port: RuntimePort;
    let admin: DeliveryAdmin & ServiceTokenAdmin;
    let count = 0;

    beforeEach(async () => {
      clock = createFakeClock();
      subject = await make({ clock, random: () => 0.5, maxAttempts: 3, backoff });
      await subject.platform.upsertAccount({ account: "acme" });
      for (const agent of ["writer", "reviewer"])
        await subject.platform.upsertAgent({ account: "acme", agent });
      admin = subject.admin({ id: "user-1" }, "acme");
      port = subject.runtime((await admin.issueServiceToken()).token);
    });
    afterEach(() => subject.close());

    const notify = (thread: string, over: Partial<NotificationInput> = {}) =>
      subject.platform.notify({
        account: "acme",
        agent: "writer",
        thread,
        input: `${thread} ${++count}`,
        idempotencyKey: `key-${count}`,
        ...over,
      });
    const claim = (over: Partial<ClaimRequest> = {}, from = port) =>
      from.claim({ workerId: "w1", incarnation: "i1", claimId: `c${++count}`, limit: 10, leaseMs, ...over });
    const claimOne = async (over: Partial<ClaimRequest> = {}): Promise<Claim> => {
      const claims = await claim({ limit: 1, ...over });
      expect(claims).toHaveLength(1);
      return claims[0]!;
    };
    const allMessages = async (): Promise<Message[]> => (await subject.platform.messages()).messages;
    const stateOf = async (id: string) =>
      (await admin.notifications()).items.find((notification) => notification.id === id)?.state;
    /** Claims and fails until nothing is left to claim; gives what was claimed. */
    const exhaust = async (): Promise<void> => {
      for (;;) {
        const [next] = await claim({ limit: 1 });
        if (next === undefined) return;
        await port.begin(next.lease, { sessionMark: null });
        await port.fail(next.lease, failure());
        clock.advance(backoff.capMs);
      }
    };

    describe("promise 1: a notification is never lost", () => {
      it("goes from notify to the platform's feed", async () => {
        const id = await notify("t1", { input: "Say hello", instructions: "Be kind" });
        const claimed = await claimOne();
        expect(claimed).toMatchObject({
          lease: { notification: id },
          agent: "writer",
          thread: "t1",
          input: "Say hello",
          instructions: "Be kind",
          attempt: 1,
          maxAttempts: 3,
          repeated: false,
          previous: null,
        });
        await port.begin(claimed.lease, { sessionMark: null });
        expect(await port.complete(claimed.lease, reply("Hello"))).toEqual({ message: "posted" });

        expect(await allMessages()).toMatchObject([
          {
            account: "acme",
            agent: "writer",
            thread: "t1",
            notification: id,
            text: "Hello",
            repeated: false,
          },
        ]);
        expect(await stateOf(id)).toBe("delivered");
      });

      it("takes the same idempotency key for the same notification", async () => {
        const again = { input: "once", idempotencyKey: "order-1" };
        expect(await notify("t1", again)).toBe(await notify("t1", again));
        expect(await claim()).toHaveLength(1);
      });

      it("refuses an idempotency key that belongs to something else, rather than losing it", async () => {
        await notify("t1", { input: "one", idempotencyKey: "order-1" });
        await expect(notify("t1", { input: "two", idempotencyKey: "order-1" })).rejects.toThrow(
          IdempotencyConflictError,
        );
      });

      it("hands it out again when the lease runs out", async () => {
        const id = await notify("t1");
        await claimOne();
        clock.advance(leaseMs - 1);
        expect(await claim()).toEqual([]);
        clock.advance(1);
        expect((await claimOne()).lease.notification).toBe(id);
      });

      it("is dead after its last attempt, keeps the error, and can be redriven", async () => {
        const id = await notify("t1");
        for (const inMs of [500, 1_000]) {
          const claimed = await claimOne();
          await port.begin(claimed.lease, { sessionMark: null });
          expect(await port.fail(claimed.lease, failure())).toEqual({ next: "retry", inMs });
          expect(await claim()).toEqual([]);
          clock.advance(inMs);
        }
        expect(await port.fail((await claimOne()).lease, failure())).toEqual({ next: "dead" });
        expect(await claim()).toEqual([]);
        expect((await admin.deadLetters()).items).toMatchObject([
          { id, state: "dead", attempts: 3, lastError: { code: "ERR_RUN_FAILED" } },
        ]);

        await admin.redrive(id);
        const again = await claimOne();
        expect(again).toMatchObject({ attempt: 1, repeated: true });
        await port.complete(again.lease, reply("at last"));
        expect(await stateOf(id)).toBe("delivered");
      });

      it("is dead at once when no other try can help", async () => {
        const id = await notify("t1");
        expect(await port.fail((await claimOne()).lease, failure({ retryable: false }))).toEqual({
          next: "dead",
        });
        expect(await stateOf(id)).toBe("dead");
      });

      it("is dead, not looping, when it takes its runtime down each time", async () => {
        const id = await notify("t1");
        for (let attempt = 1; attempt <= 3; attempt++) {
          expect((await claimOne()).attempt).toBe(attempt);
          clock.advance(leaseMs);
        }
        expect(await claim()).toEqual([]);
        expect((await admin.deadLetters()).items).toMatchObject([
          { id, lastError: { code: "ERR_LEASE_EXPIRED" } },
        ]);
      });

      it("waits out a gateway that cannot take anything, however long", async () => {
        const id = await notify("t1");
        for (let tries = 0; tries < 20; tries++) {
          const claimed = await claimOne();
          expect(claimed.attempt).toBe(1);
          const answer = await port.fail(
            claimed.lease,
            failure({ outcome: "notSent", countsAttempt: false }),
          );
          expect(answer.next).toBe("retry");
          clock.advance(backoff.capMs);
        }
        expect(await stateOf(id)).toBe("pending");
      });

      it("waits at least as long as the gateway asks", async () => {
        await notify("t1");
        const answer = await port.fail((await claimOne()).lease, failure({ retryAfterMs: 20_000 }));
        expect(answer).toEqual({ next: "retry", inMs: 20_000 });
      });

      it("costs no attempt when it is handed back", async () => {
        await notify("t1");
        await port.release((await claimOne()).lease);
        expect((await claimOne()).attempt).toBe(1);
      });

      it("is delivered although the control plane's clock was set back by a day", async () => {
        await notify("waits");
        await notify("leased");
        await port.fail((await claimOne()).lease, failure());
        await claimOne();
        clock.jump(-24 * 60 * 60_000);
        await notify("new");
        expect((await claim()).map(({ thread }) => thread).toSorted()).toEqual(["leased", "new", "waits"]);
      });

      it("refuses to redrive what is not dead", async () => {
        await expect(admin.redrive(await notify("t1"))).rejects.toThrow(WrongStateError);
      });
    });

    describe("promise 2: at most one live lease, and a stale holder cannot write", () => {
      it("never hands out a notification twice", async () => {
        for (let thread = 0; thread < 20; thread++) await notify(`t${thread}`);
        const claims = await Promise.all(
          ["w1", "w2", "w3"].map((workerId) => claim({ workerId, incarnation: workerId, limit: 20 })),
        );
        const ids = claims.flat().map(({ lease }) => lease.notification);
        expect(ids).toHaveLength(20);
        expect(new Set(ids).size).toBe(20);
      });

      it("refuses every write of a holder whose notification was leased again", async () => {
        await notify("t1");
        const stale = await claimOne();
        clock.advance(leaseMs);
        const holder = await claimOne({ workerId: "w2", incarnation: "i2" });

        await expect(port.begin(stale.lease, { sessionMark: null })).rejects.toThrow(LeaseLostError);
        await expect(port.renew(stale.lease, leaseMs)).rejects.toThrow(LeaseLostError);
        await expect(port.complete(stale.lease, reply("stale"))).rejects.toThrow(LeaseLostError);
        await expect(port.fail(stale.lease, failure())).rejects.toThrow(LeaseLostError);
        await expect(port.release(stale.lease)).rejects.toThrow(LeaseLostError);

        await port.complete(holder.lease, reply("good"));
        await expect(port.complete(stale.lease, reply("stale"))).rejects.toThrow(LeaseLostError);
        expect((await allMessages()).map(({ text }) => text)).toEqual(["good"]);
      });

      it("accepts completion after expiry while nobody else has the lease: the run is paid for", async () => {
        await notify("t1");
        const claimed = await claimOne();
        clock.advance(leaseMs * 2);
        expect(await port.complete(claimed.lease, reply("late"))).toEqual({ message: "posted" });
      });

      it("accepts it even when the last attempt was given up meanwhile", async () => {
        const id = await notify("t1");
        let last = await claimOne();
        for (let attempt = 2; attempt <= 3; attempt++) {
          clock.advance(leaseMs);
          last = await claimOne();
        }
        clock.advance(leaseMs);
        expect(await claim()).toEqual([]);
        expect(await stateOf(id)).toBe("dead");
        expect(await port.complete(last.lease, reply("very late"))).toEqual({ message: "posted" });
        expect(await stateOf(id)).toBe("delivered");
      });

      it("keeps a renewed lease", async () => {
        await notify("t1");
        const claimed = await claimOne();
        for (let renewal = 0; renewal < 5; renewal++) {
          clock.advance(leaseMs - 1);
          await port.renew(claimed.lease, leaseMs);
        }
        expect(await claim({ workerId: "w2", incarnation: "i2" })).toEqual([]);
      });

      it("lets a new incarnation take over at once, and fences the old one", async () => {
        await notify("t1");
        const old = await claimOne({ incarnation: "before" });
        const taken = await claimOne({ incarnation: "after" });
        expect(taken.lease.notification).toBe(old.lease.notification);
        expect(taken.attempt).toBe(2);
        await expect(claim({ incarnation: "before" })).rejects.toThrow(WorkerFencedError);
        await expect(port.complete(old.lease, reply("old"))).rejects.toThrow(LeaseLostError);
      });

      it("takes from the old one what it finished, as long as the new one was not given it", async () => {
        await notify("t1");
        await notify("t2");
        const old = await claim({ incarnation: "before", limit: 2 });
        const taken = await claimOne({ incarnation: "after" });
        const left = old.find(({ lease }) => lease.notification !== taken.lease.notification)!;
        await expect(port.renew(left.lease, leaseMs)).rejects.toThrow(LeaseLostError);
        expect(await port.complete(left.lease, reply("paid for"))).toEqual({ message: "posted" });
        expect(await claim({ incarnation: "after" })).toEqual([]);
      });

      it("leaves the leases of other workers alone when one restarts", async () => {
        await notify("t1");
        await claimOne({ workerId: "w1", incarnation: "a" });
        expect(await claim({ workerId: "w2", incarnation: "b" })).toEqual([]);
      });
    });

    describe("promise 3: at most one message per notification", () => {
      it("answers a repeated completion without posting again", async () => {
        await notify("t1");
        const { lease } = await claimOne();
        expect(await port.complete(lease, reply("Hello"))).toEqual({ message: "posted" });
        expect(await port.complete(lease, reply("Hello"))).toEqual({ message: "duplicate" });
        expect(await allMessages()).toHaveLength(1);
      });

      it.each(["noReply", "heartbeatOk", "empty"] as const)(
        "posts nothing for %s, and is delivered",
        async (kind) => {
          const id = await notify("t1");
          const { lease } = await claimOne();
          expect(await port.complete(lease, { kind, responseId: null })).toEqual({ message: "none" });
          expect(await port.complete(lease, { kind, responseId: null })).toEqual({ message: "none" });
          expect(await allMessages()).toEqual([]);
          expect(await stateOf(id)).toBe("delivered");
        },
      );

      it("says of a truncated reply that it is truncated", async () => {
        await notify("t1");
        await port.complete((await claimOne()).lease, { kind: "truncated", text: "Hel", responseId: null });
        expect(await allMessages()).toMatchObject([{ text: "Hel", truncated: true }]);
      });

      it("refuses a reply over the limit, and keeps the lease", async () => {
        await notify("t1");
        const { lease } = await claimOne();
        await expect(port.complete(lease, reply("é".repeat(limits.replyBytes / 2 + 1)))).rejects.toThrow(
          TooLargeError,
        );
        expect(await port.complete(lease, reply("é".repeat(limits.replyBytes / 2)))).toEqual({
          message: "posted",
        });
      });

      it("gives each message once to a reader who keeps its cursor", async () => {
        for (let thread = 0; thread < 5; thread++) await notify(`t${thread}`);
        for (const { lease } of await claim()) await port.complete(lease, reply(lease.notification));
        const texts: string[] = [];
        let after: string | undefined;
        for (;;) {
          const page = await subject.platform.messages({
            limit: 2,
            ...(after === undefined ? {} : { after }),
          });
          texts.push(...page.messages.map(({ text }) => text));
          if (page.messages.length === 0) {
            expect(page.cursor).toBe(after);
            break;
          }
          after = page.cursor;
        }
        expect(texts).toHaveLength(5);
        expect(new Set(texts).size).toBe(5);
      });
    });

    describe("promise 4: one session key, one after another", () => {
      it("hands out the oldest of each session key, and no second while one is out", async () => {
        const first = await notify("t1");
        const second = await notify("t1");
        const other = await notify("t1", { agent: "reviewer" });
        const claims = await claim();
        expect(claims.map(({ lease }) => lease.notification)).toEqual([first, other]);
        await port.complete(claims[0]!.lease, reply("done"));
        expect((await claimOne()).lease.notification).toBe(second);
      });

      it("holds back the session key of a retry that waits, and no other", async () => {
        const first = await notify("t1");
        await notify("t1");
        await port.fail((await claimOne()).lease, failure());
        const other = await notify("t2");
        expect((await claim()).map(({ lease }) => lease.notification)).toEqual([other]);
        clock.advance(500);
        expect((await claimOne()).lease.notification).toBe(first);
      });

      it("does not let a dead one hold back its session key; a redriven one goes to the end", async () => {
        const first = await notify("t1");
        const second = await notify("t1");
        const third = await notify("t1");
        await port.fail((await claimOne()).lease, failure({ retryable: false }));
        const next = await claimOne();
        expect(next.lease.notification).toBe(second);
        await admin.redrive(first);
        await port.complete(next.lease, reply("2"));
        for (const expected of [third, first]) {
          const claimed = await claimOne();
          expect(claimed.lease.notification).toBe(expected);
          await port.complete(claimed.lease, reply("n"));
        }
      });

      it("does not let a busy session key starve the others", async () => {
        for (let index = 0; index < 3; index++) await notify("busy");
        clock.advance(1);
        await notify("quiet");
        const threads: string[] = [];
        for (let index = 0; index < 4; index++) {
          const claimed = await claimOne();
          threads.push(claimed.thread);
          clock.advance(1);
          await port.complete(claimed.lease, reply("ok"));
        }
        expect(threads).toEqual(["busy", "quiet", "busy", "busy"]);
      });

      it("gives every thread and agent a session key of its own", async () => {
        await notify("T1");
        await notify("t1");
        await notify("t1", { agent: "reviewer" });
        const keys = (await claim()).map((claimed) => claimed.sessionKey.toLowerCase());
        expect(new Set(keys).size).toBe(3);
      });
    });

    describe("calls whose answer was lost", () => {
      it("answers the same claim with the same leases, and hands out nothing more", async () => {
        for (let thread = 0; thread < 4; thread++) await notify(`t${thread}`);
        const once = await claim({ claimId: "lost", limit: 2 });
        expect(await claim({ claimId: "lost", limit: 2 })).toEqual(once);
        expect(await claim()).toHaveLength(2);
      });

      it("leaves out of a repeated claim what has been dealt with", async () => {
        await notify("t1");
        await notify("t2");
        const [done, open] = await claim({ claimId: "lost" });
        await port.complete(done!.lease, reply("done"));
        expect(await claim({ claimId: "lost" })).toEqual([open]);
      });

      it("answers a repeated fail and release as before", async () => {
        await notify("t1");
        const first = await claimOne();
        const answer = await port.fail(first.lease, failure());
        expect(await port.fail(first.lease, failure())).toEqual(answer);
        clock.advance(500);
        const second = await claimOne();
        await port.release(second.lease);
        await port.release(second.lease);
        expect((await claimOne()).attempt).toBe(2);
      });
    });

    describe("begin and the attempt before", () => {
      it("shows the mark of an attempt whose runtime vanished, and says that it is repeated (promise 5)", async () => {
        await notify("t1");
        const vanished = await claimOne();
        await port.begin(vanished.lease, { sessionMark: { lastMessage: "m1" } });
        clock.advance(leaseMs);
        const again = await claimOne();
        expect(again.repeated).toBe(true);
        expect(again.previous).toEqual({
          number: 1,
          leaseId: vanished.lease.id,
          sessionKey: vanished.sessionKey,
          sessionMark: { lastMessage: "m1" },
          outcome: null,
        });
        await port.complete(again.lease, reply("Hello"));
        expect(await allMessages()).toMatchObject([{ repeated: true }]);
      });

      it("does not call repeated what was never sent", async () => {
        await notify("t1");
        await claimOne();
        clock.advance(leaseMs);
        const second = await claimOne();
        expect(second.repeated).toBe(false);
        await port.begin(second.lease, { sessionMark: null });
        await port.fail(second.lease, failure({ outcome: "notSent" }));
        clock.advance(backoff.capMs);
        expect((await claimOne()).repeated).toBe(false);
      });

      it("calls repeated what may have run", async () => {
        await notify("t1");
        const { lease } = await claimOne();
        await port.begin(lease, { sessionMark: null });
        await port.fail(lease, failure({ outcome: "maybeRan" }));
        clock.advance(backoff.capMs);
        expect(await claimOne()).toMatchObject({ repeated: true, previous: { outcome: "maybeRan" } });
      });
    });

    describe("promise 7: nothing crosses accounts", () => {
      let other: RuntimePort;

      beforeEach(async () => {
        await subject.platform.upsertAccount({ account: "other" });
        await subject.platform.upsertAgent({ account: "other", agent: "writer" });
        other = subject.runtime((await subject.admin({ id: "user-2" }, "other").issueServiceToken()).token);
      });

      it("hands another account's notifications to nobody else", async () => {
        await notify("t1");
        expect(await claim({}, other)).toEqual([]);
        expect((await subject.admin({ id: "user-2" }, "other").notifications()).items).toEqual([]);
      });

      it("refuses another account's lease as if it were lost", async () => {
        await notify("t1");
        const { lease } = await claimOne();
        await expect(other.complete(lease, reply("stolen"))).rejects.toThrow(LeaseLostError);
        await expect(other.fail(lease, failure())).rejects.toThrow(LeaseLostError);
        expect(await port.complete(lease, reply("mine"))).toEqual({ message: "posted" });
      });

      it("refuses another account's dead letter as if there were none", async () => {
        const id = await notify("t1");
        await exhaust();
        await expect(subject.admin({ id: "user-2" }, "other").redrive(id)).rejects.toThrow(NotFoundError);
        expect(await stateOf(id)).toBe("dead");
      });

      it("keeps the same agent, thread and idempotency key of two accounts apart", async () => {
        const same = { thread: "t1", input: "hi", idempotencyKey: "same" };
        const mine = await subject.platform.notify({ account: "acme", agent: "writer", ...same });
        const theirs = await subject.platform.notify({ account: "other", agent: "writer", ...same });
        expect(mine).not.toBe(theirs);
        const [one] = await claim();
        const [two] = await claim({}, other);
        expect(one!.sessionKey).not.toBe(two!.sessionKey);
      });

      it("refuses an unknown token, a revoked one, and those of a closed account", async () => {
        await expect(claim({}, subject.runtime({ reveal: () => "lcs_nobody" } as Secret))).rejects.toThrow(
          UnauthorizedError,
        );
        const { id, token } = await admin.issueServiceToken();
        const second = subject.runtime(token);
        expect(await claim({}, second)).toEqual([]);
        await admin.revokeServiceToken(id);
        await expect(claim({}, second)).rejects.toThrow(UnauthorizedError);
        await subject.platform.closeAccount("acme");
        await expect(claim()).rejects.toThrow(UnauthorizedError);
        await expect(notify("t1")).rejects.toThrow(NotFoundError);
      });
    });

    describe("bad input", () => {
      it("names the field and repeats no value", async () => {
        const bad: [Partial<NotificationInput>, string][] = [
          [{ account: "" }, "notification.account"],
          [{ account: "line\nbreak" }, "notification.account"],
          [{ agent: "Writer" }, "notification.agent"],
          [{ thread: "x".repeat(257) }, "notification.thread"],
          [{ input: "" }, "notification.input"],
          [{ idempotencyKey: "" }, "notification.idempotencyKey"],
        ];
        for (const [over, field] of bad) {
          const error = await notify("t1", over).then(
            () => null,
            (thrown: unknown) => thrown as Error,
          );
          expect(error).toBeInstanceOf(InvalidInputError);
          expect(error?.message).toContain(field);
          expect(error?.message).not.toContain("break");
        }
      });

      it("refuses an unknown account and an unknown or removed agent", async () => {
        await expect(notify("t1", { account: "nobody" })).rejects.toThrow(NotFoundError);
        await expect(notify("t1", { agent: "nobody" })).rejects.toThrow(NotFoundError);
        await subject.platform.removeAgent({ account: "acme", agent: "writer" });
        await expect(notify("t1")).rejects.toThrow(NotFoundError);
      });

      it("refuses an input over the limit", async () => {
        await expect(notify("t1", { input: "x".repeat(limits.inputBytes + 1) })).rejects.toThrow(
          TooLargeError,
        );
        await notify("t1", { input: "x".repeat(limits.inputBytes) });
      });

      it.each([{ limit: 0 }, { limit: 1.5 }, { leaseMs: 0 }, { leaseMs: limits.leaseMs + 1 }])(
        "refuses a claim with %o",
        async (over) => {
          await expect(claim(over)).rejects.toThrow(InvalidInputError);
        },
      );
    });

    describe("the roster", () => {
      it("lists the agents, and its revision grows with each change and with nothing else", async () => {
        const before = await port.agents();
        expect(before.agents.map(({ slug }) => slug)).toEqual(["reviewer", "writer"]);
        await subject.platform.upsertAgent({ account: "acme", agent: "writer" });
        expect(await port.agents()).toEqual(before);
        await subject.platform.upsertAgent({
          account: "acme",
          agent: "writer",
          ref: "user_7",
          files: { "SOUL.md": "Kind." },
        });
        const after = await port.agents();
        expect(after.revision).toBeGreaterThan(before.revision);
        expect(after.agents[1]).toMatchObject({
          slug: "writer",
          ref: "user_7",
          files: { "SOUL.md": "Kind." },
        });
      });
    });

    describe("watch", () => {
      it("calls after a notification was stored, and not any more once it is ended", async () => {
        if (port.watch === undefined) return;
        const stop = new AbortController();
        let calls = 0;
        port.watch(() => calls++, stop.signal);
        await notify("t1");
        expect(calls).toBe(1);
        stop.abort();
        await notify("t2");
        expect(calls).toBe(1);
      });
    });
  });
}
