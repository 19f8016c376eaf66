import { beforeEach, describe, expect, it } from "vitest";
import { NotFoundError, UnauthorizedError } from "../../errors.ts";
import { LeaseLostError } from "../../notification/errors.ts";
import { type RuntimePort } from "../../ports/runtime.ts";
import { type Secret } from "../../secret.ts";
import { reply, failure, type RuntimePortTest } from "./runtime-port-test.ts";

/** Promise 7. */
export function isolation(t: RuntimePortTest): void {
  const { notify, claim, claimOne, stateOf, exhaust } = t;

  describe("promise 7: nothing crosses accounts", () => {
    let other: RuntimePort;

    beforeEach(async () => {
      await t.subject.platform.upsertAccount({ account: "other" });
      await t.subject.platform.upsertAgent({ account: "other", agent: "writer" });
      other = t.subject.runtime((await t.subject.admin({ id: "user-2" }, "other").issueServiceToken()).token);
    });

    it("hands another account's notifications to nobody else", async () => {
      await notify("t1");
      expect(await claim({}, other)).toEqual([]);
      expect((await t.subject.admin({ id: "user-2" }, "other").notifications()).items).toEqual([]);
    });

    it("refuses another account's lease as if it were lost", async () => {
      await notify("t1");
      const { lease } = await claimOne();
      await expect(other.complete(lease, reply("stolen"))).rejects.toThrow(LeaseLostError);
      await expect(other.fail(lease, failure())).rejects.toThrow(LeaseLostError);
      expect(await t.port.complete(lease, reply("mine"))).toEqual({ message: "posted" });
    });

    it("refuses another account's dead letter as if there were none", async () => {
      const id = await notify("t1");
      await exhaust();
      await expect(t.subject.admin({ id: "user-2" }, "other").redrive(id)).rejects.toThrow(NotFoundError);
      expect(await stateOf(id)).toBe("dead");
    });

    it("keeps the same agent, thread and idempotency key of two accounts apart", async () => {
      const same = { thread: "t1", input: "hi", idempotencyKey: "same" };
      const mine = await t.subject.platform.notify({ account: "acme", agent: "writer", ...same });
      const theirs = await t.subject.platform.notify({ account: "other", agent: "writer", ...same });
      expect(mine).not.toBe(theirs);
      const [one] = await claim();
      const [two] = await claim({}, other);
      expect(one!.sessionKey).not.toBe(two!.sessionKey);
    });

    it("refuses an unknown token, a revoked one, and those of a closed account", async () => {
      await expect(claim({}, t.subject.runtime({ reveal: () => "lcs_nobody" } as Secret))).rejects.toThrow(
        UnauthorizedError,
      );
      const { id, token } = await t.admin.issueServiceToken();
      const second = t.subject.runtime(token);
      expect(await claim({}, second)).toEqual([]);
      await t.admin.revokeServiceToken(id);
      await expect(claim({}, second)).rejects.toThrow(UnauthorizedError);
      await t.subject.platform.closeAccount("acme");
      await expect(claim()).rejects.toThrow(UnauthorizedError);
      await expect(notify("t1")).rejects.toThrow(NotFoundError);
    });
  });
}
