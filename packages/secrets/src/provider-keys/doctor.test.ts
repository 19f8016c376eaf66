import { beforeEach, describe, expect, it } from "vitest";
import type { StoredText } from "../secret-store.ts";
import { ringKey, vaultOf } from "../test-vault.ts";
import { createMemorySecretStore, type MemorySecretStore } from "../testing/memory-secret-store.ts";
import { createProviderKeys } from "./create-provider-keys.ts";

const key = `sk-ant-${"not-a-key-".repeat(3)}`;
const old = { ...ringKey("old", 1), status: "decryptOnly" as const };
const both = vaultOf(old, ringKey("new", 2));
let store: MemorySecretStore;

async function fill(count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    const account = `a${index}`;
    store.addAccount(account);
    await createProviderKeys({ vault: vaultOf(ringKey("old", 1)), store }).upsert({
      account,
      provider: "anthropic",
      key,
      actor: { id: "u" },
    });
  }
}

beforeEach(() => {
  store = createMemorySecretStore();
});

describe("the doctor", () => {
  it("finds nothing where nothing is wrong", async () => {
    await fill(3);
    expect(await createProviderKeys({ vault: vaultOf(ringKey("old", 1)), store }).doctor()).toEqual({
      records: 3,
      recordsByKey: { old: 3 },
      found: { undecryptable: 0, oldKey: 0, plaintext: 0 },
      findings: [],
    });
  });

  it("finds what is under an old key, what does not open, and what is in clear", async () => {
    await fill(4);
    const [, second, third, fourth] = [...store.records.values()];
    second!.envelope = key;
    third!.version = 2;
    fourth!.envelope = "garbage";
    const report = await createProviderKeys({ vault: both, store }).doctor();
    expect(report).toMatchObject({
      records: 4,
      recordsByKey: { old: 2 },
      found: { undecryptable: 2, oldKey: 1, plaintext: 1 },
    });
    expect(Object.fromEntries(report.findings.map(({ problem, account }) => [account, problem]))).toEqual({
      a0: "oldKey",
      a1: "plaintext",
      a2: "undecryptable",
      a3: "undecryptable",
    });
    expect(report.findings).toHaveLength(4);
    expect(report.findings.find(({ account }) => account === "a1")!.place).toBe(
      `provider key anthropic (${second!.id})`,
    );
    expect(JSON.stringify(report)).not.toContain("not-a-key");
  });

  it("does not take an envelope for a key in clear, whatever its letters", async () => {
    await fill(1);
    const [record] = [...store.records.values()];
    record!.envelope = record!.envelope.replace(/.{26}$/, "-sk-ant-aaaaaaaaaaaaaaaaaaa");
    expect((await createProviderKeys({ vault: both, store }).doctor()).found).toEqual({
      undecryptable: 1,
      oldKey: 0,
      plaintext: 0,
    });
  });

  it("looks at what else the control plane holds in clear", async () => {
    const texts = async function* (): AsyncIterable<StoredText> {
      yield { account: "acme", place: "notification ntf_1", text: `use ${key}` };
      yield { account: null, place: "notification ntf_2", text: "use the usual one" };
    };
    const report = await createProviderKeys({ vault: both, store: { ...store, texts } }).doctor();
    expect(report.findings).toEqual([{ problem: "plaintext", account: "acme", place: "notification ntf_1" }]);
  });

  it("looks at all records, however many, shows a thousand and counts them all", async () => {
    await fill(1_001);
    const report = await createProviderKeys({ vault: vaultOf(ringKey("new", 2)), store }).doctor();
    expect(report.records).toBe(1_001);
    expect(report.found.undecryptable).toBe(1_001);
    expect(report.findings).toHaveLength(1_000);
  });

  it("looks at exactly one page, too", async () => {
    await fill(100);
    expect((await createProviderKeys({ vault: both, store }).doctor()).records).toBe(100);
  });

  it("reveals nothing, and changes nothing", async () => {
    await fill(2);
    const before = JSON.stringify([[...store.records], [...store.activities], [...store.generations]]);
    await createProviderKeys({ vault: both, store }).doctor();
    expect(JSON.stringify([[...store.records], [...store.activities], [...store.generations]])).toBe(before);
  });

  it("fails when the platform does, instead of calling every record broken", async () => {
    await fill(1);
    const vault = { ...both, open: () => Promise.reject(new Error("no WebCrypto")) };
    await expect(createProviderKeys({ vault, store }).doctor()).rejects.toThrow("no WebCrypto");
  });
});
