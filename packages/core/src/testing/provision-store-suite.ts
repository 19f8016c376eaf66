import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { InvalidInputError, NotFoundError } from "../errors.ts";
import { accountId } from "../ids.ts";
import type { Activity } from "../ports/admin.ts";
import { exchangeToken, noteReport } from "../provision/home-call.ts";
import { allRecords, type ProvisionStore } from "../provision/provision-store.ts";
import type { ProvisionRecord } from "../provision/record.ts";
import { provisionTransition } from "../provision/transition.ts";
import { storeChange } from "../provision/update-record.ts";
import { hashToken } from "../provision/bootstrap-port.ts";
import { applyEvents, created, requested, sending, tokenHashOf, tokenOf } from "./provision/sent-record.ts";

/** A store to be tested, and what the suite needs besides. */
export interface ProvisionStoreFixture {
  /** The store. */
  store: ProvisionStore;
  /** Makes an account known. */
  addAccount(account: string): Promise<void> | void;
  /** The activities of an account about droplets, oldest first. */
  activities(account: string): Promise<Omit<Activity, "id">[]> | Omit<Activity, "id">[];
  /** Hashes of the account's good service tokens that droplets brought. */
  serviceTokens(account: string): Promise<string[]> | string[];
  /** Closes an account. */
  closeAccount(account: string): Promise<void> | void;
  /** Revokes one, as an admin would. */
  revokeServiceToken(hash: string): Promise<void> | void;
  /** Ends it. */
  close?(): Promise<void> | void;
}

const now = 1_700_000_000_000;

/**
 * The tests that every {@link ProvisionStore} passes; needs vitest.
 *
 * @param name of the store
 * @param make a new, empty one for each test
 *
 * @example
 * ```ts
 * import { createMemoryProvisionStore, provisionStoreSuite } from "@lobstercontrol/core/testing";
 *
 * provisionStoreSuite("memory", () => {
 *   const store = createMemoryProvisionStore();
 *   return { store, ...store };
 * });
 * ```
 */
export function provisionStoreSuite(
  name: string,
  make: () => Promise<ProvisionStoreFixture> | ProvisionStoreFixture,
): void {
  describe(`${name} as a store of droplets`, () => {
    let fixture: ProvisionStoreFixture;
    let store: ProvisionStore;
    const acme = accountId.parse("acme");
    const other = accountId.parse("other");
    beforeEach(async () => {
      fixture = await make();
      store = fixture.store;
      for (const account of [acme, other]) await fixture.addAccount(account);
    });
    afterEach(() => fixture.close?.());

    /** The account's droplet, asked for and sent. */
    const sentRecord = async (account = "acme", nonce = "n1"): Promise<ProvisionRecord> =>
      await applyEvents(store, account, now, requested(account, nonce, now), await sending(nonce, now));

    /** A droplet brings its service token. */
    async function exchange(account: string, nonce: string, word: string): Promise<string> {
      const record = (await store.read(accountId.parse(account)))!;
      const serviceTokenHash = await tokenHashOf(word);
      const bootstrapTokenHash = await hashToken(tokenOf(nonce));
      const change = exchangeToken(record, { bootstrapTokenHash, serviceTokenHash, dropletId: null }, now);
      expect(change.accepted).toBe(true);
      expect(await storeChange(store, change)).toBe(true);
      return serviceTokenHash;
    }

    it("has nothing at first, and nothing of an account that it does not know", async () => {
      expect(await store.read(acme)).toBe(null);
      expect(await store.read(accountId.parse("nobody"))).toBe(null);
      expect(await store.page({ after: null, limit: 10 })).toEqual([]);
      expect(await store.byBootstrapToken("0".repeat(64))).toBe(null);
    });

    it("stores a record and its activities together, and gives it back as it was", async () => {
      const change = provisionTransition(null, requested("acme", "n1", now), now);
      const record = { ...change.record, revision: 1 };
      expect(await store.write({ record, activities: change.activities })).toBe(true);
      expect(await store.read(acme)).toEqual(record);
      expect(await fixture.activities("acme")).toEqual([
        { type: "runtime_provision_requested", actor: "user-1", subject: null, at: now },
      ]);
    });

    it("stores nothing when somebody else was faster", async () => {
      const record = await sentRecord();
      const change = provisionTransition(record, { type: "destroyRequested", actor: "user-1" }, now);
      expect(await storeChange(store, change)).toBe(true);
      const stored = await store.read(acme);
      const activities = await fixture.activities("acme");
      for (const revision of [record.revision, record.revision + 1, record.revision + 3])
        expect(await store.write({ ...change, record: { ...change.record, revision } })).toBe(false);
      expect(await store.read(acme)).toEqual(stored);
      expect(await fixture.activities("acme")).toEqual(activities);
    });

    it("lets one of several changes at once through", async () => {
      const record = await sentRecord();
      const changes = Array.from({ length: 8 }, (_, index) =>
        storeChange(store, provisionTransition(record, created("n1", index + 1), now)),
      );
      expect((await Promise.all(changes)).filter(Boolean)).toHaveLength(1);
      expect((await store.read(acme))!.attempts[0]!.droplets).toHaveLength(1);
    });

    it("lets one of several first records at once through", async () => {
      const first = Array.from({ length: 8 }, (_, index) =>
        storeChange(store, provisionTransition(null, requested("acme", `n${index}`, now), now)),
      );
      expect((await Promise.all(first)).filter(Boolean)).toHaveLength(1);
      expect(await fixture.activities("acme")).toHaveLength(1);
    });

    it("refuses a record of an account that there is not", async () => {
      const change = provisionTransition(null, requested("nobody", "n1", now), now);
      await expect(storeChange(store, change)).rejects.toThrow(NotFoundError);
      expect(await store.page({ after: null, limit: 10 })).toEqual([]);
    });

    it("gives the records of all accounts, page by page, each once", async () => {
      await sentRecord("acme", "n1");
      await sentRecord("other", "n2");
      expect((await store.page({ after: null, limit: 1 })).map(({ account }) => account)).toEqual(["acme"]);
      expect((await store.page({ after: acme, limit: 1 })).map(({ account }) => account)).toEqual(["other"]);
      const seen = [];
      for await (const { account } of allRecords(store)) seen.push(account);
      expect(seen).toEqual(["acme", "other"]);
    });

    it("gives those that are in a state", async () => {
      await sentRecord("acme", "n1");
      await sentRecord("other", "n2");
      await applyEvents(store, "acme", now, { type: "destroyRequested", actor: "admin" });
      expect(await store.page({ after: null, limit: 10, state: "running" })).toEqual([]);
      const seen = [];
      for await (const record of allRecords(store, ["provisioning", "destroying"]))
        seen.push([record.account, record.state]);
      expect(seen).toEqual([
        ["other", "provisioning"],
        ["acme", "destroying"],
      ]);
      expect(await store.page({ after: acme, limit: 10, state: "destroying" })).toEqual([]);
    });

    describe("closing an account", () => {
      it("asks for its droplet's end, and begins nothing after that", async () => {
        await sentRecord();
        await fixture.closeAccount("acme");
        expect((await store.read(acme))!.state).toBe("destroying");
        expect((await fixture.activities("acme")).at(-1)).toMatchObject({
          type: "runtime_destroy_requested",
          actor: "platform",
        });
        await applyEvents(
          store,
          "acme",
          now,
          created("n1", 1),
          { type: "gone", droplets: [1] },
          { type: "cleaned" },
        );
        expect((await store.read(acme))!.state).toBe("destroyed");
        await expect(applyEvents(store, "acme", now, requested("acme", "n2", now))).rejects.toThrow(
          NotFoundError,
        );
        expect((await store.read(acme))!.state).toBe("destroyed");
      });

      it("leaves an account without a droplet without one", async () => {
        await fixture.closeAccount("acme");
        await expect(applyEvents(store, "acme", now, requested("acme", "n1", now))).rejects.toThrow(
          NotFoundError,
        );
        expect(await store.read(acme)).toBe(null);
      });
    });

    describe("bootstrap tokens", () => {
      it("lead to the record of the attempt that they belong to, also of an earlier one", async () => {
        await sentRecord("acme", "n1");
        await sentRecord("other", "n2");
        await applyEvents(
          store,
          "acme",
          now,
          { type: "notCreated", nonce: "n1" },
          { type: "attempted", nonce: "n3" },
          await sending("n3", now),
        );
        for (const nonce of ["n1", "n3"])
          expect((await store.byBootstrapToken(await hashToken(tokenOf(nonce))))?.account).toBe("acme");
        expect((await store.byBootstrapToken(await hashToken(tokenOf("n2"))))?.account).toBe("other");
        expect(await store.byBootstrapToken(await hashToken(tokenOf("n4")))).toBe(null);
      });
    });

    describe("service tokens that droplets bring", () => {
      it("are good from the exchange until the droplet is destroyed", async () => {
        await sentRecord();
        expect(await fixture.serviceTokens("acme")).toEqual([]);
        const hash = await exchange("acme", "n1", "one");
        expect(await fixture.serviceTokens("acme")).toEqual([hash]);
        const record = (await store.read(acme))!;
        expect(await storeChange(store, noteReport(record, hash, now))).toBe(true);
        await applyEvents(store, "acme", now, { type: "destroyRequested", actor: "user-1" });
        expect(await fixture.serviceTokens("acme")).toEqual([hash]);
        await applyEvents(store, "acme", now, { type: "cleaned" });
        expect(await fixture.serviceTokens("acme")).toEqual([]);
      });

      it("replace those of earlier attempts, and end with their own", async () => {
        await sentRecord();
        const first = await exchange("acme", "n1", "one");
        await applyEvents(store, "acme", now, { type: "failed", reason: "deadline", message: "Too late." });
        expect(await fixture.serviceTokens("acme")).toEqual([]);
        await applyEvents(
          store,
          "acme",
          now,
          { type: "retried", actor: "user-1", nonce: "n2", createBy: now + 1_000 },
          await sending("n2", now),
        );
        const second = await exchange("acme", "n2", "two");
        expect(second).not.toBe(first);
        expect(await fixture.serviceTokens("acme")).toEqual([second]);
      });

      it("stay revoked once an admin has revoked them", async () => {
        await sentRecord();
        const hash = await exchange("acme", "n1", "one");
        await fixture.revokeServiceToken(hash);
        await applyEvents(store, "acme", now, created("n1", 1));
        expect(await fixture.serviceTokens("acme")).toEqual([]);
      });

      it("are refused when they belong to another account (promise 7)", async () => {
        await sentRecord("acme", "n1");
        await sentRecord("other", "n2");
        const hash = await exchange("acme", "n1", "one");
        const record = (await store.read(other))!;
        const bootstrapTokenHash = await hashToken(tokenOf("n2"));
        const theft = exchangeToken(
          record,
          { bootstrapTokenHash, serviceTokenHash: hash, dropletId: null },
          now,
        );
        await expect(storeChange(store, theft)).rejects.toThrow(InvalidInputError);
        expect(await store.read(other)).toEqual(record);
        expect(await fixture.serviceTokens("acme")).toEqual([hash]);
        expect(await fixture.serviceTokens("other")).toEqual([]);
      });
    });
  });
}
