import { describe, expect, it } from "vitest";
import { NotFoundError } from "../../errors.ts";
import { reply, type RuntimePortTest } from "./runtime-port-test.ts";

/** The agents of the account. */
export function roster(t: RuntimePortTest): void {
  describe("the roster", () => {
    it("lists the agents, and its revision grows with each change and with nothing else", async () => {
      const before = await t.port.agents();
      expect(before.agents.map(({ slug }) => slug)).toEqual(["reviewer", "writer"]);
      await t.subject.platform.upsertAgent({ account: t.account, agent: "writer" });
      expect(await t.port.agents()).toEqual(before);
      await t.subject.platform.upsertAgent({
        account: t.account,
        agent: "writer",
        ref: "user_7",
        files: { "SOUL.md": "Kind." },
      });
      const after = await t.port.agents();
      expect(after.revision).toBeGreaterThan(before.revision);
      expect(after.agents[1]).toMatchObject({
        slug: "writer",
        ref: "user_7",
        files: { "SOUL.md": "Kind." },
      });
    });

    it("keeps an agent that was removed, as leaving, until what it was told is delivered", async () => {
      const { platform } = t.subject;
      await t.notify("t1");
      const { lease } = await t.claimOne();
      const before = await t.port.agents();
      await platform.removeAgent({ account: t.account, agent: "writer" });
      const leaving = await t.port.agents();
      expect(leaving.revision).toBeGreaterThan(before.revision);
      expect(leaving.agents).toMatchObject([
        { slug: "reviewer", leaving: false },
        { slug: "writer", leaving: true },
      ]);
      await expect(t.notify("t2")).rejects.toThrow(NotFoundError);
      await t.port.complete(lease, reply("Done"));
      expect((await t.port.agents()).agents.map(({ slug }) => slug)).toEqual(["reviewer"]);
      await platform.upsertAgent({ account: t.account, agent: "writer" });
      expect((await t.port.agents()).agents[1]).toMatchObject({ slug: "writer", leaving: false });
    });

    it("forgets an agent that was removed with nothing to deliver", async () => {
      await t.subject.platform.removeAgent({ account: t.account, agent: "writer" });
      expect((await t.port.agents()).agents.map(({ slug }) => slug)).toEqual(["reviewer"]);
    });
  });
}
