import { describe, expect, it } from "vitest";
import { NotFoundError, TooManyTokensError, UnauthorizedError } from "../../errors.ts";
import { limits } from "../../limits.ts";
import type { AdminPortTest } from "./admin-port-test.ts";

/** What an admin does about the tokens of runtimes; the account has one from the beginning. */
export function serviceTokens(t: AdminPortTest): void {
  describe("service tokens", () => {
    it("open the account's port, and are told by id, time and who issued them", async () => {
      t.clock.advance(1_000);
      const { id, token } = await t.subject.admin({ id: "user-2" }, t.account).issueServiceToken();
      expect(await t.subject.runtime(token).agents()).toEqual(await t.port.agents());
      const [first, second] = await t.admin.serviceTokens();
      expect(first).toMatchObject({ createdBy: "user-1" });
      expect(second).toEqual({ id, createdAt: t.clock.now(), createdBy: "user-2" });
    });

    it("are shown once (promise 8's habit)", async () => {
      const { token } = await t.admin.issueServiceToken();
      expect(token.reveal()).toMatch(/^lcs_[\w-]{32,}$/);
      const shown = [
        await t.admin.serviceTokens(),
        await t.admin.activities({ limit: limits.page }),
        await t.admin.notifications(),
      ];
      expect(JSON.stringify(shown)).not.toContain(token.reveal().slice(4, 20));
    });

    it("are two at most, so that one can be replaced without a pause", async () => {
      const [first] = await t.admin.serviceTokens();
      const second = await t.admin.issueServiceToken();
      await expect(t.admin.issueServiceToken()).rejects.toThrow(TooManyTokensError);
      await t.admin.revokeServiceToken(first!.id);
      const third = await t.admin.issueServiceToken();
      expect(third.token.reveal()).not.toBe(second.token.reveal());
      expect((await t.admin.serviceTokens()).map(({ id }) => id).toSorted()).toEqual(
        [second.id, third.id].toSorted(),
      );
    });

    it("open nothing once revoked, and the other one still does", async () => {
      const { id, token } = await t.admin.issueServiceToken();
      await t.admin.revokeServiceToken(id);
      await expect(t.subject.runtime(token).agents()).rejects.toThrow(UnauthorizedError);
      await expect(t.port.agents()).resolves.toBeDefined();
    });

    it("are not issued when the account is closed", async () => {
      await t.subject.platform.closeAccount(t.account);
      await expect(t.admin.issueServiceToken()).rejects.toThrow(NotFoundError);
    });

    it("cannot be revoked twice, nor when there is none", async () => {
      const { id } = await t.admin.issueServiceToken();
      await t.admin.revokeServiceToken(id);
      await expect(t.admin.revokeServiceToken(id)).rejects.toThrow(NotFoundError);
      await expect(t.admin.revokeServiceToken("stk_none")).rejects.toThrow(NotFoundError);
    });

    it("are not repeated when one is handed in for its id", async () => {
      const { token } = await t.admin.issueServiceToken();
      const revoked = t.admin.revokeServiceToken(token.reveal());
      const error = await revoked.catch((thrown: unknown) => thrown as Error);
      expect(error).toBeInstanceOf(NotFoundError);
      expect(JSON.stringify([error, (error as Error).message])).not.toContain(token.reveal().slice(4));
    });

    it("are issued for an account that there is", async () => {
      await expect(t.subject.admin({ id: "user-1" }, "nobody").issueServiceToken()).rejects.toThrow(
        NotFoundError,
      );
    });
  });
}
