import { describe, expect, it } from "vitest";
import { NotFoundError } from "../../errors.ts";
import type { TwoAccounts } from "./two-accounts.ts";

/** What the platform does for one account, and another must not notice. */
export function platform(two: TwoAccounts): void {
  const { t } = two;

  describe("what the platform does for one account", () => {
    it("changes nothing of the other: agents of the same name", async () => {
      const agent = { account: two.other, agent: "writer" };
      const files = { "SOUL.md": "Other." };
      expect(
        await two.attempt(() => t.subject.platform.upsertAgent({ ...agent, ref: "r", files })),
      ).toBeNull();
      expect((await two.runtime.agents()).agents).toMatchObject([{ ref: "r", files }]);
      expect(await two.attempt(() => t.subject.platform.removeAgent(agent))).toBeNull();
      // It holds a notification of its own, and leaves once that is delivered.
      expect((await two.runtime.agents()).agents).toMatchObject([{ slug: "writer", leaving: true }]);
      await two.runtime.complete(two.own, { kind: "empty", responseId: null });
      expect((await two.runtime.agents()).agents).toEqual([]);
    });

    it("changes nothing of the other: an account that is opened again, and one that is closed", async () => {
      expect(await two.attempt(() => t.subject.platform.upsertAccount({ account: two.other }))).toBeNull();
      expect(await two.attempt(() => t.subject.platform.closeAccount(two.other))).toBeNull();
    });

    it("knows no agent that only the other has", async () => {
      const refused = await two.attempt(() => t.notify("t1", { account: two.other, agent: "reviewer" }));
      expect(refused).toBeInstanceOf(NotFoundError);
    });

    it("keeps the same agent, thread and idempotency key apart", async () => {
      const same = { agent: "writer", thread: "same", idempotencyKey: "same" };
      const mine = await t.notify("", { account: t.account, input: "mine", ...same });
      // Were it taken for the same cause, it would be refused, or lost.
      const theirs = await t.notify("", { account: two.other, input: "theirs", ...same });
      expect(theirs).not.toBe(mine);
      const one = (await t.claim()).find(({ thread }) => thread === "same");
      const another = (await t.claim({}, two.runtime)).find(({ thread }) => thread === "same");
      expect([one?.input, another?.input]).toEqual(["mine", "theirs"]);
      expect(one!.sessionKey.toLowerCase()).not.toBe(another!.sessionKey.toLowerCase());
    });

    it("does not hold up the other: the same thread of both is handed out at once", async () => {
      await t.notify("busy", { account: two.other });
      await t.notify("busy");
      expect(await t.claim({}, two.runtime)).toHaveLength(1);
      expect((await t.claim()).map(({ thread }) => thread)).toContain("busy");
    });
  });
}
