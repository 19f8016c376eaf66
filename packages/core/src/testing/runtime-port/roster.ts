import { describe, expect, it } from "vitest";
import { type RuntimePortTest } from "./runtime-port-test.ts";

/** The agents of the account. */
export function roster(t: RuntimePortTest): void {
  describe("the roster", () => {
    it("lists the agents, and its revision grows with each change and with nothing else", async () => {
      const before = await t.port.agents();
      expect(before.agents.map(({ slug }) => slug)).toEqual(["reviewer", "writer"]);
      await t.subject.platform.upsertAgent({ account: "acme", agent: "writer" });
      expect(await t.port.agents()).toEqual(before);
      await t.subject.platform.upsertAgent({
        account: "acme",
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
  });
}
