import { describe, expect, it } from "vitest";
import { LeaseLostError, WorkerFencedError } from "../../notification/errors.ts";
import type { Claim } from "../../ports/delivery.ts";
import { leaseMs, reply, failure, type RuntimePortTest } from "./runtime-port-test.ts";

/** Promise 2. */
export function leases(t: RuntimePortTest): void {
  const { notify, claim, claimOne, allMessages, stateOf } = t;

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
      t.clock.advance(leaseMs);
      const holder = await claimOne({ workerId: "w2", incarnation: "i2" });

      await expect(t.port.begin(stale.lease, { sessionMark: null })).rejects.toThrow(LeaseLostError);
      await expect(t.port.renew(stale.lease, leaseMs)).rejects.toThrow(LeaseLostError);
      await expect(t.port.complete(stale.lease, reply("stale"))).rejects.toThrow(LeaseLostError);
      await expect(t.port.fail(stale.lease, failure())).rejects.toThrow(LeaseLostError);
      await expect(t.port.release(stale.lease)).rejects.toThrow(LeaseLostError);

      await t.port.complete(holder.lease, reply("good"));
      await expect(t.port.complete(stale.lease, reply("stale"))).rejects.toThrow(LeaseLostError);
      expect((await allMessages()).map(({ text }) => text)).toEqual(["good"]);
    });

    it("accepts completion after expiry while nobody else has the lease: the run is paid for", async () => {
      await notify("t1");
      const claimed = await claimOne();
      await t.port.begin(claimed.lease, { sessionMark: null });
      t.clock.advance(leaseMs * 2);
      expect(await t.port.complete(claimed.lease, reply("late"))).toEqual({ message: "posted" });
    });

    it("accepts it even when the last attempt was given up meanwhile", async () => {
      const id = await notify("t1");
      let last = await claimOne();
      for (let attempt = 2; attempt <= 3; attempt++) {
        t.clock.advance(leaseMs);
        last = await claimOne();
      }
      await t.port.begin(last.lease, { sessionMark: null });
      t.clock.advance(leaseMs);
      expect(await claim()).toEqual([]);
      expect(await stateOf(id)).toBe("dead");
      expect(await t.port.complete(last.lease, reply("very late"))).toEqual({ message: "posted" });
      expect(await stateOf(id)).toBe("delivered");
    });

    it("refuses after it a reply that was found, and not run for: the session may be at the next notification by then", async () => {
      const id = await notify("t1");
      const behind = await notify("t1");
      let looking: Claim | null = null;
      while ((await stateOf(id)) !== "dead") {
        const [claimed] = await claim();
        if (claimed?.lease.notification !== id) break;
        if (looking === null) await t.port.begin(claimed.lease, { sessionMark: { lastMessage: "m1" } });
        looking = claimed;
        t.clock.advance(leaseMs);
      }
      expect(await stateOf(id)).toBe("dead");
      await expect(t.port.complete(looking!.lease, reply("to the next one"))).rejects.toThrow(LeaseLostError);
      expect(await allMessages()).toEqual([]);
      expect(await stateOf(behind)).toBe("leased");
    });

    it("keeps a renewed lease", async () => {
      await notify("t1");
      const claimed = await claimOne();
      for (let renewal = 0; renewal < 5; renewal++) {
        t.clock.advance(leaseMs - 1);
        await t.port.renew(claimed.lease, leaseMs);
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
      await expect(t.port.complete(old.lease, reply("old"))).rejects.toThrow(LeaseLostError);
    });

    it("takes from the old one what it finished, as long as the new one was not given it", async () => {
      await notify("t1");
      await notify("t2");
      const old = await claim({ incarnation: "before", limit: 2 });
      for (const { lease } of old) await t.port.begin(lease, { sessionMark: null });
      const taken = await claimOne({ incarnation: "after" });
      const left = old.find(({ lease }) => lease.notification !== taken.lease.notification)!;
      await expect(t.port.renew(left.lease, leaseMs)).rejects.toThrow(LeaseLostError);
      expect(await t.port.complete(left.lease, reply("paid for"))).toEqual({ message: "posted" });
      expect(await claim({ incarnation: "after" })).toEqual([]);
    });

    it("leaves the leases of other workers alone when one restarts", async () => {
      await notify("t1");
      await claimOne({ workerId: "w1", incarnation: "a" });
      expect(await claim({ workerId: "w2", incarnation: "b" })).toEqual([]);
    });
  });
}
