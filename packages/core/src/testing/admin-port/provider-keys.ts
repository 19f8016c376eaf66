import { describe, expect, it } from "vitest";
import { InvalidInputError, NotFoundError } from "../../errors.ts";
import { Secret } from "../../secret.ts";
import { reportOf } from "../report.ts";
import type { AdminPortTest } from "./admin-port-test.ts";

/** A key as Anthropic's look; assembled, so that no scanner takes it for a real one. */
const keyOf = (ending: string): Secret => new Secret(["sk", "ant", "0123456789abcdef", ending].join("-"));

/** What an admin does about provider keys, and how far a runtime brings them. */
export function providerKeys(t: AdminPortTest): void {
  const upsert = (ending: string, provider = "anthropic") =>
    t.admin.upsertProviderKey({ provider, key: keyOf(ending) });
  const revealed = async (): Promise<[string, string][]> =>
    (await t.port.providerKeys()).keys.map(({ provider, key }) => [provider, key.reveal()]);

  const report = (keysGeneration: number) => t.port.report(reportOf({ keysGeneration }));

  describe("provider keys", () => {
    it("are not taken in when the account is closed", async () => {
      await t.subject.platform.closeAccount(t.account);
      await expect(upsert("abcd")).rejects.toThrow(NotFoundError);
      expect(await t.admin.listProviderKeys()).toEqual([]);
    });

    it("are told by all but the key, and given to the account's runtime", async () => {
      const info = await upsert("abcd");
      expect(info).toEqual({
        provider: "anthropic",
        last4: "abcd",
        fingerprint: expect.any(String),
        generation: 1,
        state: "stored",
        updatedAt: t.clock.now(),
        updatedBy: "user-1",
      });
      expect(await t.admin.listProviderKeys()).toEqual([info]);
      expect(await revealed()).toEqual([["anthropic", keyOf("abcd").reveal()]]);
    });

    it("promise 8: are shown by no call of an admin", async () => {
      await upsert("abcd");
      await upsert("efgh");
      await t.port.providerKeys();
      await t.admin.removeProviderKey("anthropic");
      const shown = JSON.stringify([await t.admin.listProviderKeys(), await t.admin.activities()]);
      expect(shown).not.toContain("0123456789abcdef");
    });

    it("are one to a provider; each change grows the generation, and nothing else does", async () => {
      expect((await t.port.providerKeys()).generation).toBe(0);
      const first = await upsert("abcd");
      const second = await upsert("efgh");
      const other = await upsert("ijkl", "custom");
      expect([first, second, other].map(({ generation }) => generation)).toEqual([1, 2, 3]);
      expect(await t.admin.listProviderKeys()).toEqual([second, other]);
      await t.admin.removeProviderKey("anthropic");
      expect(await t.admin.listProviderKeys()).toEqual([other]);
      expect((await t.port.providerKeys()).generation).toBe(4);
      expect(await revealed()).toEqual([["custom", keyOf("ijkl").reveal()]]);
    });

    it("have the same fingerprint when they are the same, and only then", async () => {
      const one = await upsert("abcd");
      const other = await upsert("efgh");
      const again = await upsert("abcd");
      expect(again.fingerprint).toBe(one.fingerprint);
      expect(other.fingerprint).not.toBe(one.fingerprint);
    });

    it("promise 9: are active once a runtime proved that the gateway has them, and only those it has", async () => {
      const states = async () => (await t.admin.listProviderKeys()).map(({ state }) => state);
      await upsert("abcd");
      await report(1);
      await upsert("efgh", "custom");
      expect(await states()).toEqual(["active", "stored"]);
      await report(2);
      expect(await states()).toEqual(["active", "active"]);
      // A gateway that fell back to an older generation has the newer key no more.
      await report(1);
      expect(await states()).toEqual(["active", "stored"]);
    });

    it("promise 9: are confirmed once a run used them, and not before they are active", async () => {
      const state = async () => (await t.admin.listProviderKeys())[0]?.state;
      await upsert("abcd");
      await t.port.report(reportOf({ keysGeneration: 0, keysConfirmed: 1 }));
      expect(await state()).toBe("stored");
      await report(1);
      expect(await state()).toBe("active");
      await t.port.report(reportOf({ keysGeneration: 1, keysConfirmed: 1 }));
      expect(await state()).toBe("confirmed");
      // A runtime that started anew has forgotten what it saw; the key was used all the same.
      await report(1);
      expect(await state()).toBe("confirmed");
      await upsert("efgh");
      expect(await state()).toBe("stored");
    });

    it("promise 9: are not active before they are stored, whatever a runtime says", async () => {
      await report(99);
      expect(await upsert("abcd")).toMatchObject({ state: "stored" });
    });

    it("leave a line in the audit log, also when they are given out", async () => {
      const [token] = await t.admin.serviceTokens();
      await upsert("abcd");
      await t.port.providerKeys();
      await t.subject.admin({ id: "user-2" }, t.account).removeProviderKey("anthropic");
      expect((await t.admin.activities({ limit: 3 })).items).toMatchObject([
        { type: "secret_removed", actor: "user-2", subject: "anthropic" },
        { type: "secret_revealed", actor: token!.id, subject: "anthropic" },
        { type: "secret_updated", actor: "user-1", subject: "anthropic" },
      ]);
    });

    it.each<[string, string, string]>([
      ["of another provider", "openai", keyOf("abcd").reveal()],
      ["with a line break in it", "anthropic", `${keyOf("ab").reveal()}\n${keyOf("cd").reveal()}`],
      ["of white space", "custom", "  "],
      ["for a provider that is no name", "No Name", keyOf("abcd").reveal()],
    ])("are refused without repeating them: one %s", async (_, provider, key) => {
      const before = await t.admin.activities();
      const error: unknown = await t.admin
        .upsertProviderKey({ provider, key: new Secret(key) })
        .catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(InvalidInputError);
      expect(JSON.stringify(error)).not.toContain("0123456789abcdef");
      expect(await t.admin.listProviderKeys()).toEqual([]);
      expect(await t.admin.activities()).toEqual(before);
    });

    it("cannot be removed when there is none, nor stored for an account that there is not", async () => {
      await expect(t.admin.removeProviderKey("anthropic")).rejects.toThrow(NotFoundError);
      const nobody = t.subject.admin({ id: "user-1" }, "nobody");
      await expect(nobody.upsertProviderKey({ provider: "anthropic", key: keyOf("abcd") })).rejects.toThrow(
        NotFoundError,
      );
    });
  });
}
