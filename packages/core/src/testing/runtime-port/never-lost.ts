import { describe, expect, it } from "vitest";
import { IdempotencyConflictError } from "../../errors.ts";
import { WrongStateError } from "../../notification/errors.ts";
import { leaseMs, backoff, reply, failure, type RuntimePortTest } from "./runtime-port-test.ts";

/** Promise 1. */
export function neverLost(t: RuntimePortTest): void {
  const { notify, claim, claimOne, allMessages, stateOf } = t;

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
      await t.port.begin(claimed.lease, { sessionMark: null });
      expect(await t.port.complete(claimed.lease, reply("Hello"))).toEqual({ message: "posted" });

      expect(await allMessages()).toMatchObject([
        {
          account: t.account,
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

    it("takes a text again that was cut in the middle of a character", async () => {
      const again = { input: "cut \ud83e", instructions: "\udd9e cut", idempotencyKey: "order-1" };
      expect(await notify("t1", again)).toBe(await notify("t1", again));
      expect(await claimOne()).toMatchObject({ input: "cut \ufffd", instructions: "\ufffd cut" });
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
      t.clock.advance(leaseMs - 1);
      expect(await claim()).toEqual([]);
      t.clock.advance(1);
      expect((await claimOne()).lease.notification).toBe(id);
    });

    it("is dead after its last attempt, keeps the error, and can be redriven", async () => {
      const { clock } = t;
      const id = await notify("t1");
      for (const inMs of [500, 1_000]) {
        const claimed = await claimOne();
        await t.port.begin(claimed.lease, { sessionMark: null });
        expect(await t.port.fail(claimed.lease, failure())).toEqual({ next: "retry", inMs });
        expect(await claim()).toEqual([]);
        clock.advance(inMs);
      }
      expect(await t.port.fail((await claimOne()).lease, failure())).toEqual({ next: "dead" });
      expect(await claim()).toEqual([]);
      expect((await t.admin.deadLetters()).items).toMatchObject([
        { id, state: "dead", attempts: 3, lastError: { code: "ERR_RUN_FAILED" } },
      ]);

      await t.admin.redrive(id);
      const again = await claimOne();
      expect(again).toMatchObject({ attempt: 1, repeated: true });
      await t.port.complete(again.lease, reply("at last"));
      expect(await stateOf(id)).toBe("delivered");
    });

    it("is dead at once when no other try can help", async () => {
      const id = await notify("t1");
      expect(await t.port.fail((await claimOne()).lease, failure({ retryable: false }))).toEqual({
        next: "dead",
      });
      expect(await stateOf(id)).toBe("dead");
    });

    it("is dead, not looping, when it takes its runtime down each time", async () => {
      const id = await notify("t1");
      for (let attempt = 1; attempt <= 3; attempt++) {
        expect((await claimOne()).attempt).toBe(attempt);
        t.clock.advance(leaseMs);
      }
      expect(await claim()).toEqual([]);
      expect((await t.admin.deadLetters()).items).toMatchObject([
        { id, lastError: { code: "ERR_LEASE_EXPIRED" } },
      ]);
    });

    it("waits out a gateway that cannot take anything, however long", async () => {
      const id = await notify("t1");
      for (let tries = 0; tries < 20; tries++) {
        const claimed = await claimOne();
        expect(claimed.attempt).toBe(1);
        const answer = await t.port.fail(
          claimed.lease,
          failure({ outcome: "notSent", countsAttempt: false }),
        );
        expect(answer.next).toBe("retry");
        t.clock.advance(backoff.capMs);
      }
      expect(await stateOf(id)).toBe("pending");
    });

    it("waits at least as long as the gateway asks", async () => {
      await notify("t1");
      const answer = await t.port.fail((await claimOne()).lease, failure({ retryAfterMs: 20_000 }));
      expect(answer).toEqual({ next: "retry", inMs: 20_000 });
    });

    it("costs no attempt when it is handed back", async () => {
      await notify("t1");
      await t.port.release((await claimOne()).lease);
      expect((await claimOne()).attempt).toBe(1);
    });

    it("is delivered although the control plane's clock was set back by a day", async () => {
      await notify("waits");
      await notify("leased");
      await t.port.fail((await claimOne()).lease, failure());
      await claimOne();
      t.clock.jump(-24 * 60 * 60_000);
      await notify("new");
      expect((await claim()).map(({ thread }) => thread).toSorted()).toEqual(["leased", "new", "waits"]);
    });

    it("refuses to redrive what is not dead", async () => {
      await expect(t.admin.redrive(await notify("t1"))).rejects.toThrow(WrongStateError);
    });
  });
}
