import { describe, expect, it } from "vitest";
import { NoAttemptsLeftError } from "../../notification/errors.ts";
import type { Claim } from "../../ports/delivery.ts";
import { leaseMs, backoff, reply, failure, type RuntimePortTest } from "./runtime-port-test.ts";

/** What `begin` stores, and what the next attempt sees of it. */
export function attempts(t: RuntimePortTest): void {
  const { notify, claim, claimOne, allMessages } = t;

  /** A runtime begins and is never heard of again. */
  async function vanish(): Promise<Claim> {
    await notify("t1");
    const vanished = await claimOne();
    await t.port.begin(vanished.lease, { sessionMark: { lastMessage: "m1" } });
    t.clock.advance(leaseMs);
    return vanished;
  }

  describe("begin and the attempt before", () => {
    it("shows the mark of an attempt whose runtime vanished, and says of the next that it is repeated (promise 5)", async () => {
      const vanished = await vanish();
      const again = await claimOne();
      expect(again.repeated).toBe(true);
      expect(again.previous).toEqual({
        number: 1,
        leaseId: vanished.lease.id,
        sessionKey: vanished.sessionKey,
        sessionMark: { lastMessage: "m1" },
        outcome: null,
        verdictBefore: null,
      });
      await t.port.begin(again.lease, { sessionMark: null, verdictBefore: "aborted" });
      await t.port.complete(again.lease, reply("Hello"));
      expect(await allMessages()).toMatchObject([{ repeated: true }]);
      expect((await t.admin.notifications()).items).toMatchObject([
        { attempt: { number: 2, outcome: "ran", verdictBefore: "aborted" } },
      ]);
    });

    it("does not call repeated what the session says did not run", async () => {
      await vanish();
      const again = await claimOne();
      await t.port.begin(again.lease, { sessionMark: null, verdictBefore: "notRun" });
      await t.port.complete(again.lease, reply("Hello"));
      expect(await allMessages()).toMatchObject([{ repeated: false }]);
    });

    it("takes the reply of the attempt before without another attempt, which is no repetition", async () => {
      await vanish();
      const again = await claimOne();
      expect(await t.port.complete(again.lease, reply("found"))).toEqual({ message: "posted" });
      expect(await allMessages()).toMatchObject([{ text: "found", repeated: false }]);
      expect((await t.admin.notifications()).items).toMatchObject([
        { state: "delivered", attempt: { number: 1, outcome: "ran" } },
      ]);
    });

    it("hands out the last attempt to be looked into, and nothing behind it until it was", async () => {
      const id = await notify("t1");
      const behind = await notify("t1");
      for (let attempt = 1; attempt <= 3; attempt++) {
        const { lease } = await claimOne();
        await t.port.begin(lease, { sessionMark: { lastMessage: "m1" } });
        expect(await t.port.fail(lease, failure({ outcome: "maybeRan" }))).toMatchObject({ next: "retry" });
        t.clock.advance(backoff.capMs);
      }
      const look = await claimOne();
      expect(look).toMatchObject({ lease: { notification: id }, attempt: 4, maxAttempts: 3 });
      await expect(t.port.begin(look.lease, { sessionMark: null })).rejects.toThrow(NoAttemptsLeftError);
      expect(await claim()).toEqual([]);
      expect(await t.port.fail(look.lease, failure({ retryable: false }))).toEqual({ next: "dead" });
      expect((await claimOne()).lease.notification).toBe(behind);
    });

    it("does not call repeated what was never sent", async () => {
      await notify("t1");
      await claimOne();
      t.clock.advance(leaseMs);
      const second = await claimOne();
      expect(second.repeated).toBe(false);
      await t.port.begin(second.lease, { sessionMark: null });
      await t.port.fail(second.lease, failure({ outcome: "notSent" }));
      t.clock.advance(backoff.capMs);
      expect((await claimOne()).repeated).toBe(false);
    });

    it("calls repeated what may have run", async () => {
      await notify("t1");
      const { lease } = await claimOne();
      await t.port.begin(lease, { sessionMark: null });
      await t.port.fail(lease, failure({ outcome: "maybeRan" }));
      t.clock.advance(backoff.capMs);
      expect(await claimOne()).toMatchObject({ repeated: true, previous: { outcome: "maybeRan" } });
    });
  });
}
