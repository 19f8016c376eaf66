import { describe, expect, it } from "vitest";
import { NotFoundError, UnauthorizedError } from "../../errors.ts";
import { Secret } from "../../secret.ts";
import type { RuntimePortTest } from "./runtime-port-test.ts";

/** What opens a runtime's port. */
export function tokens(t: RuntimePortTest): void {
  const { notify, claim } = t;

  describe("service tokens", () => {
    it("opens nothing with a token that nobody issued", async () => {
      await expect(claim({}, t.subject.runtime(new Secret("lcs_nobody")))).rejects.toThrow(UnauthorizedError);
    });

    it("opens nothing any more once the token was revoked, whoever holds the port", async () => {
      const { id, token } = await t.admin.issueServiceToken();
      const second = t.subject.runtime(token);
      expect(await claim({}, second)).toEqual([]);
      await t.admin.revokeServiceToken(id);
      await expect(claim({}, second)).rejects.toThrow(UnauthorizedError);
    });

    it("opens nothing any more once the account was closed", async () => {
      await t.subject.platform.closeAccount(t.account);
      await expect(claim()).rejects.toThrow(UnauthorizedError);
      await expect(notify("t1")).rejects.toThrow(NotFoundError);
    });
  });
}
