import { describe, expect, it } from "vitest";
import { reply, failure, type RuntimePortTest } from "./runtime-port-test.ts";

/** Calls that are repeated because their answer was lost. */
export function lostAnswers(t: RuntimePortTest): void {
  const { notify, claim, claimOne } = t;

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
      await t.port.complete(done!.lease, reply("done"));
      expect(await claim({ claimId: "lost" })).toEqual([open]);
    });

    it("answers a repeated fail and release as before", async () => {
      const { clock } = t;
      await notify("t1");
      const first = await claimOne();
      const answer = await t.port.fail(first.lease, failure());
      expect(await t.port.fail(first.lease, failure())).toEqual(answer);
      clock.advance(500);
      const second = await claimOne();
      await t.port.release(second.lease);
      await t.port.release(second.lease);
      expect((await claimOne()).attempt).toBe(2);
    });
  });
}
