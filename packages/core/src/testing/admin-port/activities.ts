import { describe, expect, it } from "vitest";
import { TooManyTokensError } from "../../errors.ts";
import type { AdminPortTest } from "./admin-port-test.ts";

/** The audit log. */
export function activities(t: AdminPortTest): void {
  describe("activities", () => {
    it("say what was done, by whom, to what and when", async () => {
      const [first] = await t.admin.serviceTokens();
      t.clock.advance(1_000);
      const { id } = await t.subject.admin({ id: "user-2" }, t.account).issueServiceToken();
      t.clock.advance(1_000);
      await t.admin.revokeServiceToken(id);
      const now = t.clock.now();
      const unique = expect.any(String);
      const { items } = await t.admin.activities();
      expect(items).toEqual([
        { id: unique, type: "service_token_revoked", actor: "user-1", subject: id, at: now },
        { id: unique, type: "service_token_issued", actor: "user-2", subject: id, at: now - 1_000 },
        { id: unique, type: "service_token_issued", actor: "user-1", subject: first!.id, at: now - 2_000 },
      ]);
      expect(new Set(items.map((activity) => activity.id)).size).toBe(3);
    });

    it("do not tell of what was refused or only looked at", async () => {
      await t.admin.issueServiceToken();
      const before = await t.admin.activities();
      await expect(t.admin.issueServiceToken()).rejects.toThrow(TooManyTokensError);
      await t.admin.notifications();
      await t.admin.serviceTokens();
      await t.port.agents();
      expect(await t.admin.activities()).toEqual(before);
    });
  });
}
