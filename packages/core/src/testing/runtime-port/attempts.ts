import { describe, expect, it } from "vitest";
import { leaseMs, backoff, reply, failure, type RuntimePortTest } from "./runtime-port-test.ts";

/** What `begin` stores, and what the next attempt sees of it. */
export function attempts(t: RuntimePortTest): void {
  const { notify, claimOne, allMessages } = t;

  describe("begin and the attempt before", () => {
    it("shows the mark of an attempt whose runtime vanished, and says that it is repeated (promise 5)", async () => {
      await notify("t1");
      const vanished = await claimOne();
      await t.port.begin(vanished.lease, { sessionMark: { lastMessage: "m1" } });
      t.clock.advance(leaseMs);
      const again = await claimOne();
      expect(again.repeated).toBe(true);
      expect(again.previous).toEqual({
        number: 1,
        leaseId: vanished.lease.id,
        sessionKey: vanished.sessionKey,
        sessionMark: { lastMessage: "m1" },
        outcome: null,
      });
      await t.port.complete(again.lease, reply("Hello"));
      expect(await allMessages()).toMatchObject([{ repeated: true }]);
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
