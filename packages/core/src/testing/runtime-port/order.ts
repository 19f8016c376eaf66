import { describe, expect, it } from "vitest";
import { reply, failure, type RuntimePortTest } from "./runtime-port-test.ts";

/** Promise 4. */
export function order(t: RuntimePortTest): void {
  const { notify, claim, claimOne } = t;

  describe("promise 4: one session key, one after another", () => {
    it("hands out the oldest of each session key, and no second while one is out", async () => {
      const first = await notify("t1");
      const second = await notify("t1");
      const other = await notify("t1", { agent: "reviewer" });
      const claims = await claim();
      expect(claims.map(({ lease }) => lease.notification)).toEqual([first, other]);
      await t.port.complete(claims[0]!.lease, reply("done"));
      expect((await claimOne()).lease.notification).toBe(second);
    });

    it("holds back the session key of a retry that waits, and no other", async () => {
      const { clock } = t;
      const first = await notify("t1");
      await notify("t1");
      await t.port.fail((await claimOne()).lease, failure());
      const other = await notify("t2");
      expect((await claim()).map(({ lease }) => lease.notification)).toEqual([other]);
      clock.advance(500);
      expect((await claimOne()).lease.notification).toBe(first);
    });

    it("does not let a dead one hold back its session key; a redriven one goes to the end", async () => {
      const first = await notify("t1");
      const second = await notify("t1");
      const third = await notify("t1");
      await t.port.fail((await claimOne()).lease, failure({ retryable: false }));
      const next = await claimOne();
      expect(next.lease.notification).toBe(second);
      await t.admin.redrive(first);
      await t.port.complete(next.lease, reply("2"));
      for (const expected of [third, first]) {
        const claimed = await claimOne();
        expect(claimed.lease.notification).toBe(expected);
        await t.port.complete(claimed.lease, reply("n"));
      }
    });

    it("does not let a busy session key starve the others", async () => {
      for (let index = 0; index < 3; index++) await notify("busy");
      t.clock.advance(1);
      await notify("quiet");
      const threads: string[] = [];
      for (let index = 0; index < 4; index++) {
        const claimed = await claimOne();
        threads.push(claimed.thread);
        t.clock.advance(1);
        await t.port.complete(claimed.lease, reply("ok"));
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
}
