import { describe, expect, it } from "vitest";
import { NotFoundError } from "../../errors.ts";
import { newNotificationId } from "../../ids.ts";
import type { Page, PageRequest } from "../../ports/admin.ts";
import type { AdminUnderTest } from "../admin-port/admin-port-test.ts";
import { keyOf, wordsOf, type TwoAccounts } from "./two-accounts.ts";

const lists: Record<string, (admin: AdminUnderTest, request: PageRequest) => Promise<Page<unknown>>> = {
  notifications: (admin, request) => admin.notifications(request),
  deadLetters: (admin, request) => admin.deadLetters(request),
  messages: (admin, request) => admin.messages(request),
  activities: (admin, request) => admin.activities(request),
};

/** What an admin of one account can do to another account. */
export function admins(two: TwoAccounts): void {
  const { t } = two;

  describe("an admin", () => {
    it("sees the account's own deliveries, tokens and activities alone", async () => {
      const error = await two.attempt(async () => {
        expect((await two.admin.notifications()).items).toMatchObject([{ account: two.other, input: "own" }]);
        expect((await two.admin.deadLetters()).items).toEqual([]);
        expect((await two.admin.messages()).items).toEqual([]);
        expect(await two.admin.serviceTokens()).toMatchObject([{ createdBy: "user-2" }]);
        expect((await two.admin.activities()).items).toMatchObject([{ actor: "user-2" }]);
      });
      expect(error).toBeNull();
    });

    it.each(Object.entries(lists))(
      "sees nothing else in the list of %s with a cursor of the other account",
      async (_, list) => {
        const own = JSON.stringify(await list(two.admin, {}));
        const { next } = await list(t.admin, { limit: 1 });
        const error = await two.attempt(async () => {
          const { items } = await list(two.admin, { after: next! });
          for (const item of items) expect(own).toContain(JSON.stringify(item));
        });
        // A control plane may also know whose cursor it is.
        expect(error?.code ?? "ERR_INVALID_INPUT").toBe("ERR_INVALID_INPUT");
      },
    );

    it("cannot redrive the other account's dead letter, nor learn that there is one", async () => {
      const id = two.dead.notification;
      const refused = await two.attempt(() => two.admin.redrive(id));
      expect(refused).toBeInstanceOf(NotFoundError);
      const invented = newNotificationId(0);
      const unknown = await two.attempt(() => two.admin.redrive(invented));
      expect(wordsOf(refused, id)).toBe(wordsOf(unknown, invented));
      // One that is not dead is just as unknown, and not in the wrong state.
      const alive = await two.attempt(() => two.admin.redrive(two.lease.notification));
      expect(wordsOf(alive, two.lease.notification)).toBe(wordsOf(unknown, invented));
    });

    it("cannot revoke the other account's token, nor learn that there is one", async () => {
      const refused = await two.attempt(() => two.admin.revokeServiceToken(two.token));
      expect(refused).toBeInstanceOf(NotFoundError);
      const unknown = await two.attempt(() => two.admin.revokeServiceToken("stk_none"));
      expect(wordsOf(refused, two.token)).toBe(wordsOf(unknown, "stk_none"));
    });

    it("sees, removes and replaces its own provider keys alone", async () => {
      expect(await two.admin.listProviderKeys()).toEqual([]);
      expect(await two.attempt(() => two.admin.removeProviderKey("anthropic"))).toBeInstanceOf(NotFoundError);
      const own = keyOf("of-the-other-account");
      const upsert = () => two.admin.upsertProviderKey({ provider: "anthropic", key: own });
      expect(await two.attempt(upsert)).toBeNull();
      const { keys } = await two.runtime.providerKeys();
      expect(keys.map(({ key }) => key.reveal())).toEqual([own.reveal()]);
      expect(await two.attempt(() => two.admin.removeProviderKey("anthropic"))).toBeNull();
      expect((await t.port.providerKeys()).keys).toHaveLength(1);
    });

    it("leaves no line in the other account's audit log, and none of a refusal in its own", async () => {
      const before = await two.admin.activities();
      await two.attempt(() => two.admin.redrive(two.dead.notification));
      await two.attempt(() => two.admin.revokeServiceToken(two.token));
      expect(await two.admin.activities()).toEqual(before);
    });

    it("has as many tokens as it may, however many the other account has", async () => {
      await t.admin.issueServiceToken();
      expect(await two.attempt(() => two.admin.issueServiceToken())).toBeNull();
    });
  });
}
