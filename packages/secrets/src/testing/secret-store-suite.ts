import { NotFoundError } from "@lobstercontrol/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SecretActivity, SecretRecord, SecretStore } from "../secret-store.ts";

/** A store to be tested, and what the suite needs besides. */
export interface SecretStoreFixture {
  /** The store. */
  store: SecretStore;
  /** Makes an account known. */
  addAccount(account: string): Promise<void> | void;
  /** The activities of an account, oldest first. */
  activities(account: string): Promise<SecretActivity[]> | SecretActivity[];
  /** Ends it. */
  close?(): Promise<void> | void;
}

/**
 * The tests that every {@link SecretStore} passes; needs vitest.
 *
 * @param name of the store
 * @param make a new, empty one for each test
 */
export function secretStoreSuite(
  name: string,
  make: () => Promise<SecretStoreFixture> | SecretStoreFixture,
): void {
  const recordOf = (own: Partial<SecretRecord> = {}): SecretRecord => ({
    id: "pky_1",
    account: "acme",
    provider: "anthropic",
    version: 1,
    envelope: "envelope of version 1",
    last4: "0001",
    fingerprint: "fingerprint-0001",
    updatedAt: 1_000,
    updatedBy: "user-1",
    ...own,
  });
  const activityOf = (type = "secret_updated"): SecretActivity => ({
    type,
    actor: "user-1",
    subject: "anthropic",
    at: 1_000,
  });
  const none = { stored: 0, active: 0, confirmed: 0 };

  describe(`${name} as a store of secrets`, () => {
    let fixture: SecretStoreFixture;
    let store: SecretStore;
    beforeEach(async () => {
      fixture = await make();
      store = fixture.store;
      for (const account of ["acme", "other"]) await fixture.addAccount(account);
    });
    afterEach(() => fixture.close?.());

    async function expectUnchanged(change: () => Promise<unknown>): Promise<void> {
      const state = async () => [
        await store.read("acme"),
        await store.read("other"),
        await fixture.activities("acme"),
        await fixture.activities("other"),
      ];
      const before = await state();
      await change();
      expect(await state()).toEqual(before);
    }

    it("has nothing at first, and nothing of an account that it does not know", async () => {
      for (const account of ["acme", "nobody"])
        expect(await store.read(account)).toEqual({ generations: none, records: [] });
      expect(await store.page({ after: null, limit: 10 })).toEqual([]);
    });

    it("stores a record, its version as the keys generation, and the activity, all at once", async () => {
      expect(await store.put(recordOf(), activityOf())).toBe(true);
      expect(await store.read("acme")).toEqual({
        generations: { ...none, stored: 1 },
        records: [recordOf()],
      });
      expect(await fixture.activities("acme")).toEqual([activityOf()]);
    });

    it("replaces the record of the same provider, and lists by provider", async () => {
      await store.put(recordOf(), activityOf());
      await store.put(recordOf({ id: "pky_0", provider: "openai", version: 2 }), activityOf());
      const replaced = recordOf({
        version: 3,
        envelope: "envelope of version 3",
        last4: "0003",
        fingerprint: "fingerprint-0003",
        updatedAt: 3_000,
        updatedBy: "user-3",
      });
      await store.put(replaced, activityOf());
      const { generations, records } = await store.read("acme");
      expect(generations.stored).toBe(3);
      expect(records).toEqual([replaced, recordOf({ id: "pky_0", provider: "openai", version: 2 })]);
    });

    it("replaces the record of the same provider also when its id is another", async () => {
      await store.put(recordOf(), activityOf());
      await store.put(recordOf({ id: "pky_2", version: 2 }), activityOf());
      expect((await store.read("acme")).records).toEqual([recordOf({ id: "pky_2", version: 2 })]);
    });

    it.each([0, 1, 3, 4])(
      "refuses version %i when the keys generation is 1, and changes nothing",
      async (version) => {
        await store.put(recordOf(), activityOf());
        await expectUnchanged(async () => {
          expect(await store.put(recordOf({ version, envelope: "another" }), activityOf())).toBe(false);
        });
      },
    );

    it("lets one of several changes at once through", async () => {
      const puts = Array.from({ length: 8 }, (_, index) =>
        store.put(recordOf({ id: `pky_${index}`, envelope: `envelope ${index}` }), activityOf()),
      );
      expect((await Promise.all(puts)).filter(Boolean)).toHaveLength(1);
      expect((await store.read("acme")).records).toHaveLength(1);
      expect(await fixture.activities("acme")).toHaveLength(1);
    });

    it("refuses a record of an account that there is not", async () => {
      await expectUnchanged(async () => {
        await expect(store.put(recordOf({ account: "nobody" }), activityOf())).rejects.toThrow(NotFoundError);
      });
      expect(await store.page({ after: null, limit: 10 })).toEqual([]);
    });

    it("forgets a record, and its keys generation is never used again", async () => {
      await store.put(recordOf(), activityOf());
      expect(await store.remove("acme", "anthropic", activityOf("secret_removed"))).toBe(true);
      expect(await store.read("acme")).toEqual({ generations: { ...none, stored: 2 }, records: [] });
      expect((await fixture.activities("acme")).map(({ type }) => type)).toEqual([
        "secret_updated",
        "secret_removed",
      ]);
      expect(await store.put(recordOf(), activityOf())).toBe(false);
      expect(await store.put(recordOf({ version: 3 }), activityOf())).toBe(true);
    });

    it("says when there is nothing to forget, and changes nothing", async () => {
      await store.put(recordOf(), activityOf());
      await expectUnchanged(async () => {
        expect(await store.remove("acme", "openai", activityOf())).toBe(false);
        expect(await store.remove("nobody", "anthropic", activityOf())).toBe(false);
      });
    });

    it("puts a rewrapped envelope in place of the one that it came from, and changes nothing else", async () => {
      await store.put(recordOf(), activityOf());
      const rewrapped = recordOf({ envelope: "rewrapped", fingerprint: "another", updatedBy: "not stored" });
      expect(await store.rewrap(rewrapped, recordOf().envelope, activityOf("secret_rewrapped"))).toBe(true);
      expect(await store.read("acme")).toEqual({
        generations: { ...none, stored: 1 },
        records: [recordOf({ envelope: "rewrapped", fingerprint: "another" })],
      });
      expect((await fixture.activities("acme")).map(({ type }) => type)).toEqual([
        "secret_updated",
        "secret_rewrapped",
      ]);
    });

    it("leaves an envelope that has changed meanwhile, or is gone", async () => {
      await store.put(recordOf(), activityOf());
      await store.put(recordOf({ version: 2, envelope: "newer" }), activityOf());
      await expectUnchanged(async () => {
        expect(
          await store.rewrap(recordOf({ envelope: "rewrapped" }), recordOf().envelope, activityOf()),
        ).toBe(false);
        expect(await store.rewrap(recordOf({ id: "pky_9" }), "newer", activityOf())).toBe(false);
      });
    });

    it("gives an account nothing of another (promise 7)", async () => {
      await store.put(recordOf(), activityOf());
      const others = recordOf({ id: "pky_2", account: "other", envelope: "theirs" });
      await store.put(others, activityOf());
      expect((await store.read("other")).records).toEqual([others]);
      await store.remove("acme", "anthropic", activityOf());
      expect(await store.read("other")).toEqual({ generations: { ...none, stored: 1 }, records: [others] });
      expect(await fixture.activities("other")).toHaveLength(1);
      await expectUnchanged(async () => {
        // A record's id alone is not enough: the account has to be its own.
        const stolen = { ...others, account: "acme", envelope: "stolen" };
        expect(await store.rewrap(stolen, "theirs", activityOf())).toBe(false);
      });
    });

    it("adds activities, in order, and none when there are none", async () => {
      await store.addActivities("acme", [activityOf("secret_revealed"), activityOf("secret_probed")]);
      await store.addActivities("acme", []);
      expect((await fixture.activities("acme")).map(({ type }) => type)).toEqual([
        "secret_revealed",
        "secret_probed",
      ]);
      expect(await fixture.activities("other")).toEqual([]);
    });

    it("gives the records of all accounts, page by page, each once, also while they change", async () => {
      const ids = ["pky_a", "pky_b", "pky_c", "pky_d", "pky_e"];
      for (const [index, id] of ids.entries())
        await store.put(
          recordOf({
            id,
            account: index % 2 === 0 ? "acme" : "other",
            provider: `p${index}`,
            version: Math.floor(index / 2) + 1,
          }),
          activityOf(),
        );
      const seen: string[] = [];
      let after: string | null = null;
      for (;;) {
        const page: SecretRecord[] = await store.page({ after, limit: 2 });
        if (page.length === 0) break;
        seen.push(...page.map(({ id }) => id));
        after = page.at(-1)!.id;
        if (after === "pky_b") await store.remove("other", "p1", activityOf());
      }
      expect(seen).toEqual(ids);
      expect((await store.page({ after: null, limit: 10 }))[0]).toEqual(
        recordOf({ id: "pky_a", provider: "p0" }),
      );
    });
  });
}
