import { InvalidInputError } from "@lobstercontrol/core";
import { beforeEach, describe, expect, it } from "vitest";
import { ringKey, vaultOf } from "../test-vault.ts";
import { createMemorySecretStore, type MemorySecretStore } from "../testing/memory-secret-store.ts";
import { createProviderKeys } from "./create-provider-keys.ts";
import type { RewrapProgress } from "./rewrap-all.ts";

const actor = { id: "user-1" };
const keyOf = (account: string): string => `a-key-of-account-${account}`;
const accounts = ["a", "b", "c", "d", "e"];
const both = vaultOf({ ...ringKey("old", 1), status: "decryptOnly" }, ringKey("new", 2));
const fresh = vaultOf(ringKey("new", 2));
let store: MemorySecretStore;

beforeEach(async () => {
  store = createMemorySecretStore();
  const keys = createProviderKeys({ vault: vaultOf(ringKey("old", 1)), store });
  for (const account of accounts) {
    store.addAccount(account);
    await keys.upsert({ account, provider: "my-own", key: keyOf(account), actor });
  }
});

describe("rewrapping everything", () => {
  it("leaves nothing under the old key, and every key what it was", async () => {
    const progress = await createProviderKeys({ vault: both, store }).rewrapAll();
    expect(progress).toMatchObject({ seen: 5, rewrapped: 5, rejected: 0 });
    const keys = createProviderKeys({ vault: fresh, store });
    for (const account of accounts) {
      const set = await keys.reveal(account, actor);
      expect(set.generation).toBe(1);
      expect(set.keys[0]!.key.reveal()).toBe(keyOf(account));
      expect((await keys.list(account))[0]).toMatchObject({
        fingerprint: await fresh.fingerprint(keyOf(account), { purpose: "provider-key", account }),
        updatedBy: "user-1",
      });
    }
  });

  it("is an activity of each account whose key it was, once", async () => {
    const keys = createProviderKeys({ vault: both, store });
    await keys.rewrapAll();
    expect(await keys.rewrapAll({ actor: { id: "cron" } })).toMatchObject({ seen: 5, rewrapped: 0 });
    for (const account of accounts)
      expect(store.activities.get(account)).toMatchObject([
        { type: "secret_updated" },
        { type: "secret_rewrapped", actor: "operator", subject: "my-own" },
      ]);
  });

  it("names who asked for it", async () => {
    await createProviderKeys({ vault: both, store }).rewrapAll({ actor: { id: "cron" } });
    expect(store.activities.get("a")![1]).toMatchObject({ actor: "cron" });
  });

  it.each([1, 2, 5, 6])(
    "tells its progress after each batch of %i, and waits for it to be stored",
    async (batch) => {
      const told: RewrapProgress[] = [];
      let storing = 0;
      await createProviderKeys({ vault: both, store }).rewrapAll({
        batch,
        async onProgress(progress) {
          expect(++storing).toBe(1);
          await Promise.resolve();
          told.push(progress);
          storing -= 1;
        },
      });
      const ids = [...store.records.keys()].toSorted();
      const ends = ids.map((_, index) => index + 1).filter((end) => end % batch === 0 || end === 5);
      expect(told).toEqual(
        ends.map((end) => ({ cursor: ids[end - 1], seen: end, rewrapped: end, rejected: 0 })),
      );
    },
  );

  it("goes on from a cursor, and looks at nothing before it", async () => {
    const keys = createProviderKeys({ vault: both, store });
    const cursor = [...store.records.keys()].toSorted()[2]!;
    expect(await keys.rewrapAll({ cursor })).toMatchObject({ seen: 2, rewrapped: 2 });
    expect(await keys.rewrapAll()).toMatchObject({ seen: 5, rewrapped: 3 });
  });

  it("ends at once when there is nothing", async () => {
    const told: unknown[] = [];
    const empty = createProviderKeys({ vault: both, store: createMemorySecretStore() });
    expect(await empty.rewrapAll({ onProgress: (progress) => void told.push(progress) })).toEqual({
      cursor: null,
      seen: 0,
      rewrapped: 0,
      rejected: 0,
    });
    expect(told).toEqual([]);
  });

  it("counts what does not open, and goes on", async () => {
    const [first, second] = [...store.records.values()];
    first!.envelope = "garbage";
    second!.version = 7;
    const progress = await createProviderKeys({ vault: both, store }).rewrapAll();
    expect(progress).toMatchObject({ seen: 5, rewrapped: 3, rejected: 2 });
    expect(first!.envelope).toBe("garbage");
  });

  it("leaves a key alone that was replaced meanwhile", async () => {
    const racing = {
      ...store,
      rewrap: async (...parameters: Parameters<typeof store.rewrap>) => {
        const { account } = parameters[0];
        await createProviderKeys({ vault: both, store }).upsert({
          account,
          provider: "my-own",
          key: "a-newer-key-of-this-account",
          actor,
        });
        return await store.rewrap(...parameters);
      },
    };
    expect(await createProviderKeys({ vault: both, store: racing }).rewrapAll()).toMatchObject({
      rewrapped: 0,
    });
    const set = await createProviderKeys({ vault: fresh, store }).reveal("a", actor);
    expect(set.keys[0]!.key.reveal()).toBe("a-newer-key-of-this-account");
  });

  it("ends when the store fails", async () => {
    const broken = { ...store, rewrap: () => Promise.reject(new Error("The disk is full.")) };
    await expect(createProviderKeys({ vault: both, store: broken }).rewrapAll()).rejects.toThrow(
      "The disk is full.",
    );
  });

  it.each([0, 1_001, 1.5])("takes no batch of %d", async (batch) => {
    const keys = createProviderKeys({ vault: both, store });
    await expect(keys.rewrapAll({ batch })).rejects.toThrow(InvalidInputError);
    expect(await keys.rewrapAll({ batch: 1_000 })).toMatchObject({ seen: 5 });
  });
});
