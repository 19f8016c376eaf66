import { InvalidInputError, NotFoundError, Secret, TooLargeError, type Logger } from "@lobstercontrol/core";
import { createFakeClock } from "@lobstercontrol/core/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { EnvelopeRejectedError, ProviderKeyConflictError } from "../errors.ts";
import { ringKey, vaultOf } from "../test-vault.ts";
import { createMemorySecretStore, type MemorySecretStore } from "../testing/memory-secret-store.ts";
import { contextOf } from "./context.ts";
import { createProviderKeys, type ProviderKeys, type ProviderKeysOptions } from "./create-provider-keys.ts";

const actor = { id: "user-1" };
const runtime = { id: "stk_1" };
/** Not a key of anyone. */
const anthropicKey = (number: number): string =>
  `sk-ant-${"not-a-key-".repeat(3)}${String(number).padStart(4, "0")}`;
const clock = createFakeClock();

let store: MemorySecretStore;
let keys: ProviderKeys;
const made = (own: Partial<ProviderKeysOptions> = {}): ProviderKeys =>
  createProviderKeys({ vault: vaultOf(), store, clock, ...own });

beforeEach(() => {
  store = createMemorySecretStore();
  store.addAccount("acme");
  store.addAccount("other");
  keys = made();
});

const upsert = (number: number, own: { account?: string; provider?: string } = {}) =>
  keys.upsert({ account: "acme", provider: "anthropic", key: anthropicKey(number), actor, ...own });
const activitiesOf = (account: string) =>
  (store.activities.get(account) ?? []).map(({ type, actor: by, subject }) => [type, by, subject]);
const onlyRecord = () => [...store.records.values()][0]!;

describe("a provider key that is stored", () => {
  it("is revealed to the runtime, and to the list only by what may be shown", async () => {
    const info = await upsert(7);
    expect(info).toEqual({
      provider: "anthropic",
      last4: "0007",
      fingerprint: await vaultOf().fingerprint(anthropicKey(7), { purpose: "provider-key", account: "acme" }),
      generation: 1,
      state: "stored",
      updatedAt: clock.now(),
      updatedBy: "user-1",
    });
    expect(await keys.list("acme")).toEqual([info]);
    const set = await keys.reveal("acme", runtime);
    expect(set.generation).toBe(1);
    expect(set.keys.map(({ provider, key }) => [provider, key.reveal()])).toEqual([
      ["anthropic", anthropicKey(7)],
    ]);
  });

  it("is trimmed, and may come as a secret", async () => {
    const key = new Secret(` \n${anthropicKey(7)}\t`);
    await keys.upsert({ account: "acme", provider: "anthropic", key, actor });
    const { keys: revealed } = await keys.reveal("acme", runtime);
    expect(revealed[0]!.key.reveal()).toBe(anthropicKey(7));
  });

  it("takes the place of the one before, in the same record, with a new version", async () => {
    await upsert(1);
    const { id } = onlyRecord();
    clock.advance(1_000);
    const info = await upsert(2);
    expect(info).toMatchObject({ last4: "0002", generation: 2, updatedAt: clock.now() });
    expect([...store.records.values()]).toMatchObject([{ id, version: 2 }]);
    expect((await keys.reveal("acme", runtime)).keys[0]!.key.reveal()).toBe(anthropicKey(2));
  });

  it("has an id of its own, of which no other record is made", async () => {
    await upsert(1);
    const first = onlyRecord().id;
    expect(first).toMatch(/^pky_[0-9a-f-]{36}$/);
    await keys.remove({ account: "acme", provider: "anthropic", actor });
    await upsert(1);
    expect(onlyRecord().id).not.toBe(first);
  });

  it("grows the account's keys generation with each change of any provider", async () => {
    await upsert(1);
    await keys.upsert({ account: "acme", provider: "my-own", key: "a key of my own", actor }).catch(() => {});
    await keys.upsert({ account: "acme", provider: "my-own", key: "a-key-of-my-own", actor });
    expect((await keys.list("acme")).map(({ provider, generation }) => [provider, generation])).toEqual([
      ["anthropic", 1],
      ["my-own", 2],
    ]);
    await keys.remove({ account: "acme", provider: "my-own", actor });
    expect((await keys.reveal("acme", runtime)).generation).toBe(3);
  });

  it("is stored, active or confirmed by the generations that were reported (promise 9)", async () => {
    await upsert(1);
    await keys.upsert({ account: "acme", provider: "my-own", key: "a-key-of-my-own", actor });
    const states = async () => (await keys.list("acme")).map(({ state }) => state);
    const reached = async (active: number, confirmed: number) => {
      store.generations.set("acme", { stored: 2, active, confirmed });
      return await states();
    };
    expect(await reached(0, 0)).toEqual(["stored", "stored"]);
    expect(await reached(1, 0)).toEqual(["active", "stored"]);
    expect(await reached(2, 0)).toEqual(["active", "active"]);
    expect(await reached(2, 1)).toEqual(["confirmed", "active"]);
    expect(await reached(2, 2)).toEqual(["confirmed", "confirmed"]);
    // A gateway that was put back to an older state proves it.
    expect(await reached(1, 2)).toEqual(["confirmed", "stored"]);
  });

  it("gets through while others change keys as well, each with a generation of its own", async () => {
    const infos = await Promise.all(
      Array.from({ length: 8 }, (_, index) => upsert(index, { provider: `p${index}` })),
    );
    expect(new Set(infos.map(({ generation }) => generation))).toEqual(new Set([1, 2, 3, 4, 5, 6, 7, 8]));
    expect((await keys.reveal("acme", runtime)).keys).toHaveLength(8);
  });

  it("is refused when others never let it through", async () => {
    let asked = 0;
    const busy = { ...store, put: async () => ++asked < 0 };
    const error: unknown = await made({ store: busy })
      .upsert({ account: "acme", provider: "anthropic", key: anthropicKey(1), actor })
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ProviderKeyConflictError);
    expect(error).toMatchObject({ retryable: true });
    expect(asked).toBe(16);
  });

  it("needs an account", async () => {
    await expect(upsert(1, { account: "nobody" })).rejects.toThrow(NotFoundError);
    await expect(upsert(1, { account: "" })).rejects.toThrow(InvalidInputError);
    await expect(upsert(1, { account: "" })).rejects.toThrow(/^account: /);
    for (const call of [keys.list, (of: string) => keys.reveal(of, runtime)])
      await expect(call("\0")).rejects.toThrow(/^account: /);
    for (const call of [keys.remove, keys.probe])
      await expect(call({ account: "", provider: "anthropic", actor })).rejects.toThrow(/^account: /);
  });
});

describe("a provider key that is removed", () => {
  it("is gone, and leaves a generation", async () => {
    await upsert(1);
    await keys.remove({ account: "acme", provider: "anthropic", actor });
    expect(await keys.list("acme")).toEqual([]);
    expect(await keys.reveal("acme", runtime)).toEqual({ generation: 2, keys: [] });
  });

  it("must have been there", async () => {
    await upsert(1, { account: "other" });
    for (const call of [keys.remove, keys.probe]) {
      const error: unknown = await call({ account: "acme", provider: "anthropic", actor }).catch(
        (caught: unknown) => caught,
      );
      expect(error).toBeInstanceOf(NotFoundError);
      expect((error as Error).message).toBe('This account has no provider key "anthropic".');
    }
    expect(activitiesOf("acme")).toEqual([]);
  });
});

describe("an envelope that somebody put in another's place is refused (promise 7)", () => {
  const expectRefused = async (account: string): Promise<void> => {
    await expect(keys.reveal(account, runtime)).rejects.toThrow(new EnvelopeRejectedError());
  };

  it("an old one of the same record", async () => {
    await upsert(1);
    const { envelope } = onlyRecord();
    await upsert(2);
    onlyRecord().envelope = envelope;
    await expectRefused("acme");
  });

  it("one of a record that was removed", async () => {
    await upsert(1);
    const removed = onlyRecord();
    await keys.remove({ account: "acme", provider: "anthropic", actor });
    await upsert(1);
    onlyRecord().envelope = removed.envelope;
    await expectRefused("acme");
    // Nor with the id that it had: the version was never used again.
    onlyRecord().id = removed.id;
    await expectRefused("acme");
  });

  it("one of another provider", async () => {
    await upsert(1, { provider: "one" });
    await upsert(2, { provider: "two" });
    const [one, two] = [...store.records.values()];
    [one!.envelope, two!.envelope] = [two!.envelope, one!.envelope];
    await expectRefused("acme");
  });

  it("one of another account, also with its id and version", async () => {
    await upsert(1);
    await upsert(1, { account: "other" });
    const [ours, theirs] = [...store.records.values()];
    ours!.envelope = theirs!.envelope;
    await expectRefused("acme");
    ours!.id = theirs!.id;
    await expectRefused("acme");
    expect((await keys.reveal("other", runtime)).keys).toHaveLength(1);
  });

  it("and the whole answer fails, with an activity that names the provider", async () => {
    await upsert(1, { provider: "one" });
    await upsert(2, { provider: "two" });
    [...store.records.values()][1]!.envelope = "no envelope";
    store.activities.clear();
    await expectRefused("acme");
    expect(activitiesOf("acme")).toEqual([["secret_rejected", "stk_1", "two"]]);
  });

  it("and no vault on other keys opens it", async () => {
    await upsert(1);
    await expect(made({ vault: vaultOf(ringKey("k1", 2)) }).reveal("acme", runtime)).rejects.toThrow(
      EnvelopeRejectedError,
    );
  });
});

describe("every change and every reveal is an activity (promise 12)", () => {
  it("with who did it, to which provider, and nothing of the key", async () => {
    await upsert(1);
    await keys.upsert({ account: "acme", provider: "my-own", key: "a-key-of-my-own", actor });
    await keys.reveal("acme", runtime);
    await made({ fetch: async () => new Response() }).probe({
      account: "acme",
      provider: "anthropic",
      actor,
    });
    await keys.remove({ account: "acme", provider: "anthropic", actor });
    expect(activitiesOf("acme")).toEqual([
      ["secret_updated", "user-1", "anthropic"],
      ["secret_updated", "user-1", "my-own"],
      ["secret_revealed", "stk_1", "anthropic"],
      ["secret_revealed", "stk_1", "my-own"],
      ["secret_probed", "user-1", "anthropic"],
      ["secret_removed", "user-1", "anthropic"],
    ]);
    expect(store.activities.get("acme")!.every(({ at }) => at === clock.now())).toBe(true);
    expect(activitiesOf("other")).toEqual([]);
  });

  it.each(["reveal", "probe"] as const)("or there is no %s", async (call) => {
    await upsert(1);
    const asked: unknown[] = [];
    const broken = made({
      store: { ...store, addActivities: () => Promise.reject(new Error("The disk is full.")) },
      fetch: async (...request) => {
        asked.push(request);
        return new Response();
      },
    });
    await expect(
      call === "reveal"
        ? broken.reveal("acme", runtime)
        : broken.probe({ account: "acme", provider: "anthropic", actor }),
    ).rejects.toThrow("The disk is full.");
    expect(asked).toEqual([]);
  });

  it("and what is wrong with the platform is no rejection", async () => {
    await upsert(1);
    const vault = { ...vaultOf(), open: () => Promise.reject(new Error("no WebCrypto")) };
    await expect(made({ vault }).reveal("acme", runtime)).rejects.toThrow("no WebCrypto");
    expect(activitiesOf("acme")).toEqual([["secret_updated", "user-1", "anthropic"]]);
  });
});

describe("the operator's own keys", () => {
  const fallbackKeys = [{ provider: "openai", key: new Secret("the-operator's") }];

  it("serve an account that has stored none, as an activity", async () => {
    const set = await made({ fallbackKeys }).reveal("acme", runtime);
    expect(set.generation).toBe(0);
    expect(set.keys.map(({ provider, key }) => [provider, key.reveal()])).toEqual([
      ["openai", "the-operator's"],
    ]);
    expect(activitiesOf("acme")).toEqual([["secret_revealed", "stk_1", "openai"]]);
  });

  it("do not serve an account that has stored one, of whichever provider", async () => {
    await upsert(1);
    const set = await made({ fallbackKeys }).reveal("acme", runtime);
    expect(set.keys.map(({ provider }) => provider)).toEqual(["anthropic"]);
  });

  it("are not listed as the account's", async () => {
    expect(await made({ fallbackKeys }).list("acme")).toEqual([]);
  });

  it("are warned about, since they are not in the vault (promise 8)", () => {
    const lines: unknown[] = [];
    const logger = { warn: (...line: unknown[]) => lines.push(line) } as unknown as Logger;
    made({ logger });
    expect(lines).toEqual([]);
    made({ logger, fallbackKeys });
    expect(lines).toEqual([
      [
        { providers: ["openai"] },
        "Accounts without provider keys are served the operator's own, which are not in the vault.",
      ],
    ]);
  });
});

describe("a probe of a stored key", () => {
  it("asks its provider, by the fetch that was handed in", async () => {
    await upsert(1);
    const asked: Headers[] = [];
    const probing = made({
      fetch: async (_url, init) => {
        asked.push(new Headers(init?.headers));
        return new Response(null, { status: 401 });
      },
    });
    expect(await probing.probe({ account: "acme", provider: "anthropic", actor })).toBe("refused");
    expect(asked.map((headers) => headers.get("x-api-key"))).toEqual([anthropicKey(1)]);
    expect(asked[0]!.get("anthropic-version")).toBe("2023-06-01");
  });
});

describe("a key or provider that cannot be is refused before anything is stored", () => {
  it.each([
    ["too large", "x".repeat(8193), TooLargeError],
    ["of another provider", "vck_0123456789abcdef", InvalidInputError],
    ["empty", " ", InvalidInputError],
  ])("%s", async (_, key, error) => {
    await expect(keys.upsert({ account: "acme", provider: "anthropic", key, actor })).rejects.toThrow(error);
    expect(store.records.size + activitiesOf("acme").length).toBe(0);
  });

  it("the key in the provider's place, which is not repeated", async () => {
    const key = anthropicKey(1);
    for (const call of [
      () => keys.upsert({ account: "acme", provider: key, key: "anthropic", actor }),
      () => keys.remove({ account: "acme", provider: key, actor }),
      () => keys.probe({ account: "acme", provider: key, actor }),
    ]) {
      const error: unknown = await call().catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(InvalidInputError);
      expect(JSON.stringify(error)).not.toContain(key);
    }
  });
});

describe("what is bound to what", () => {
  it("is the account, provider, id and version of a record", () => {
    expect(contextOf({ account: "a", provider: "p", id: "i", version: 3 })).toEqual({
      purpose: "provider-key",
      account: "a",
      provider: "p",
      record: "i",
      version: 3,
    });
  });
});
