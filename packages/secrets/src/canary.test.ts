import { Buffer } from "node:buffer";
import { inspect } from "node:util";
import { Secret, scrub, type Logger } from "@lobstercontrol/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Io } from "./cli/io.ts";
import { run } from "./cli/run.ts";
import { createKeyRing, type KeyRing } from "./key-ring.ts";
import { keyRingFromEnv } from "./key-ring-from-env.ts";
import { createProviderKeys, type ProviderKeys } from "./provider-keys/create-provider-keys.ts";
import { providerKeysFromEnv } from "./provider-keys/from-env.ts";
import { probeProviderKey } from "./provider-keys/probe.ts";
import { contextOf, ringKey, vaultOf } from "./test-vault.ts";
import { createMemorySecretStore, type MemorySecretStore } from "./testing/memory-secret-store.ts";
import { createVault, type Vault } from "./vault.ts";

/** A master key and a provider key that nobody may ever see, in whatever spelling. */
const masterText = "canary-of-the-master-key-8f3a2c1";
const master = Buffer.from(masterText.padEnd(32, "0"));
const providerKey = ["sk", "ant", "canary-of-a-provider-key-77b1d0", "0001"].join("-");
const marks = [
  "canary-of",
  master.toString("base64").slice(0, 20),
  master.toString("base64url").slice(0, 20),
  master.toString("hex").slice(0, 20),
  Buffer.from(providerKey).toString("base64").slice(0, 20),
  Buffer.from(providerKey).toString("hex").slice(0, 20),
  // As a list of numbers, which is how bytes are printed.
  [...master].slice(0, 6).join(", "),
  [...master].slice(0, 6).join(","),
  [...Buffer.from(providerKey)].slice(7, 13).join(", "),
];

const actor = { id: "user-1" };
const of = { account: "acme", provider: "anthropic", actor };
let written: unknown[];
let store: MemorySecretStore;
let keyRing: KeyRing;
let vault: Vault;
let keys: ProviderKeys;
const write = (...line: unknown[]): void => void written.push(...line);
const logger: Logger = { debug: write, info: write, warn: write, error: write };

beforeEach(async () => {
  written = [];
  for (const method of ["log", "info", "warn", "error", "debug"] as const)
    vi.spyOn(console, method).mockImplementation(write);
  store = createMemorySecretStore();
  store.addAccount("acme");
  keyRing = createKeyRing({ keys: [{ id: "k1", secret: master.toString("base64"), status: "active" }] });
  vault = createVault({ keyRing });
  keys = createProviderKeys({ vault, store, logger });
  await keys.upsert({ ...of, key: providerKey });
});
afterEach(() => vi.restoreAllMocks());

/** All that anybody could see of a value. */
function shown(value: unknown): string {
  const deep = {
    depth: Infinity,
    showHidden: true,
    getters: true,
    maxStringLength: Infinity,
    maxArrayLength: Infinity,
  };
  const parts = [inspect(value, deep), inspect(value, { ...deep, customInspect: false }), String(value)];
  parts.push(JSON.stringify(value) ?? "", inspect(scrub(value), deep));
  if (value instanceof Error) parts.push(value.message, value.stack ?? "", inspect(value.cause, deep));
  return parts.join("\n");
}

function expectNoMark(...values: unknown[]): void {
  const all = values.map((value) => shown(value)).join("\n");
  for (const mark of marks) expect(all).not.toContain(mark);
}

const record = () => [...store.records.values()][0]!;
const io = (own: Partial<Io> = {}): Io => ({
  env: { SECRETS_MASTER_KEY_BASE64: master.toString("base64") },
  readInput: async () => providerKey,
  out: write,
  note: write,
  openStore: async () => ({ store, close() {} }),
  ...own,
});
/** WebCrypto as it would be if it told everything in its errors. */
const indiscreet = (...parameters: unknown[]) =>
  Promise.reject(Object.assign(new Error(`${providerKey} ${masterText}`), { parameters }));

/** Every way to fail, each with a marked key at hand. */
const failures: [name: string, fail: () => unknown][] = [
  [
    "a key ring of a key that is too long",
    () => createKeyRing({ keys: [{ id: "k", secret: master.toString("hex"), status: "active" }] }),
  ],
  [
    "a key ring of a text",
    () => createKeyRing({ keys: [{ id: "k", secret: masterText, status: "active" }] }),
  ],
  [
    "a key ring of short bytes",
    () => createKeyRing({ keys: [{ id: "k", secret: master.subarray(1), status: "active" }] }),
  ],
  [
    "a key ring whose id is the key",
    () => createKeyRing({ keys: [{ id: `${masterText}!`, secret: master, status: "active" }] }),
  ],
  [
    "a key ring whose status is the key",
    () => createKeyRing({ keys: [{ id: "k", secret: master, status: masterText as never }] }),
  ],
  [
    "a key ring with the key twice",
    () =>
      createKeyRing({
        keys: [
          { id: "a", secret: master, status: "active" },
          { id: "b", secret: master, status: "disabled" },
        ],
      }),
  ],
  ["a key ring in place of a list", () => createKeyRing({ keys: masterText as never })],
  [
    "a key ring whose version is the key",
    () => createKeyRing({ keys: [], minimumVersion: masterText as never }),
  ],
  ["an environment of a text", () => keyRingFromEnv({ SECRETS_MASTER_KEY_BASE64: masterText })],
  ["an environment of a wrong list", () => keyRingFromEnv({ SECRETS_KEYS: `k:${masterText}` })],
  ["an environment in the wrong order", () => keyRingFromEnv({ SECRETS_KEYS: `${masterText}:active:k` })],
  [
    "an environment with both",
    () => keyRingFromEnv({ SECRETS_KEYS: masterText, SECRETS_MASTER_KEY_BASE64: masterText }),
  ],
  ["an environment with a wrong provider key", () => providerKeysFromEnv({ OPENAI_API_KEY: providerKey })],
  ["a seal of half a character", () => vault.seal(`${providerKey}\ud83d`, contextOf())],
  ["a seal in no context", () => vault.seal(providerKey, contextOf({ account: "" }))],
  ["a seal of too much", () => vault.seal(providerKey.repeat(40_000), contextOf())],
  [
    "a seal without randomness",
    () => createVault({ keyRing, random: () => new Uint8Array(1) }).seal(providerKey, contextOf()),
  ],
  [
    "a seal without a clock",
    () => createVault({ keyRing, clock: { now: () => Number.NaN } }).seal(providerKey, contextOf()),
  ],
  ["an open of a key", () => vault.open(providerKey, contextOf())],
  ["an open in another context", async () => await vault.open(record().envelope, contextOf())],
  [
    "an open under another key",
    async () => await vaultOf(ringKey("k1", 2)).open(record().envelope, contextOf()),
  ],
  [
    "an open of bytes as a text",
    async () =>
      await vault.open(
        await vault.seal(Buffer.from([...Buffer.from(providerKey), 0xff]), contextOf()),
        contextOf(),
      ),
  ],
  [
    "an open when decrypting is indiscreet",
    async () => {
      const envelope = await vault.seal(providerKey, contextOf());
      vi.spyOn(crypto.subtle, "decrypt").mockImplementation(indiscreet);
      return await vault.open(envelope, contextOf());
    },
  ],
  ["an inspect of a key", () => vault.inspect(providerKey)],
  ["a rewrap of a key", () => vault.rewrap(providerKey, contextOf())],
  ["an upsert of the wrong form", () => keys.upsert({ ...of, provider: "openai", key: providerKey })],
  [
    "an upsert of two words",
    () => keys.upsert({ ...of, provider: "my-own", key: `${providerKey} ${providerKey}` }),
  ],
  ["an upsert of too much", () => keys.upsert({ ...of, provider: "my-own", key: providerKey.repeat(400) })],
  ["an upsert the wrong way round", () => keys.upsert({ ...of, provider: providerKey, key: "anthropic" })],
  ["an upsert of no account", () => keys.upsert({ ...of, account: "nobody", key: new Secret(providerKey) })],
  [
    "an upsert that never gets through",
    () =>
      createProviderKeys({ vault, store: { ...store, put: async () => false } }).upsert({
        ...of,
        key: providerKey,
      }),
  ],
  ["a removal of a key by its value", () => keys.remove({ ...of, provider: providerKey })],
  ["a removal of what there is not", () => keys.remove({ ...of, provider: "openai" })],
  [
    "a reveal of an altered record",
    () => {
      record().envelope = record().envelope.replace(/.$/, "!");
      return keys.reveal("acme", actor);
    },
  ],
  [
    "a reveal of a record in clear",
    () => {
      record().envelope = providerKey;
      return keys.reveal("acme", actor);
    },
  ],
  ["a probe of what there is not", () => keys.probe({ ...of, provider: "openai" })],
  ["a probe of the wrong form", () => probeProviderKey({ provider: "openai", key: providerKey })],
  ["a rewrap of too large a batch", () => keys.rewrapAll({ batch: providerKey as never })],
];

describe("promise 8: a key is in no error, log line, activity or snapshot", () => {
  it.each(failures)("of %s", async (_, fail) => {
    const error: unknown = await (async () => await fail())().then(
      (value: unknown) => {
        throw new Error(`It gave ${typeof value}.`);
      },
      (caught: unknown) => caught,
    );
    const clean = [...store.records.values()].map(({ envelope, ...rest }) =>
      envelope === providerKey ? rest : { envelope, ...rest },
    );
    expectNoMark(error, written, clean, [...store.activities], keyRing, vault, keys);
  });

  it("of a doctor and a rewrap that find it in clear", async () => {
    record().envelope = providerKey;
    store.texts = async function* () {
      yield { account: "acme", place: "notification ntf_1", text: `use ${providerKey}` };
    };
    expectNoMark(await keys.doctor(), await keys.rewrapAll(), written, [...store.activities]);
  });

  it.each([
    [["inspect"]],
    [["doctor", "--db", "x"]],
    [["rewrap", "--db", "x"]],
    [["inspect", providerKey]],
    [["inspect", master.toString("base64")]],
    [[`--${providerKey}`]],
    [["doctor", "--db", "x"], { SECRETS_MASTER_KEY_BASE64: masterText }],
    [["rewrap", "--db", "x"], { SECRETS_KEYS: `${masterText}:active:${providerKey}` }],
  ])("of the command %j", async (args, env?: Io["env"]) => {
    await run(args, io(env === undefined ? {} : { env }));
    record().envelope = providerKey;
    await run(args, io(env === undefined ? {} : { env }));
    expect(written).not.toEqual([]);
    expectNoMark(written);
  });

  it("of a command whose store fails with it", async () => {
    await run(["doctor", "--db", "x"], io({ openStore: () => indiscreet(providerKey) }));
    expectNoMark(written);
  });

  it("of a probe whose fetch fails with it", async () => {
    const probing = createProviderKeys({ vault, store, logger, fetch: indiscreet });
    expectNoMark(await probing.probe(of), written, [...store.activities]);
  });

  it("of anything that goes well, but for the one who reveals it", async () => {
    const fallback = createProviderKeys({
      vault,
      store,
      logger,
      fallbackKeys: [{ provider: "openai", key: new Secret(providerKey) }],
    });
    const envelope = await vault.seal(providerKey, contextOf());
    const opened = await vault.open(envelope, contextOf());
    const set = await keys.reveal("acme", actor);
    expect([opened.reveal(), set.keys[0]!.key.reveal()]).toEqual([providerKey, providerKey]);
    expectNoMark(
      envelope,
      opened,
      await vault.openBytes(envelope, contextOf()),
      set,
      await keys.list("acme"),
    );
    expectNoMark(keyRing, vault, keys, fallback, written, [...store.records], [...store.activities]);
    expectNoMark(
      await keyRing.hkdfKey("k1"),
      createKeyRing({ keys: [{ id: "k1", secret: master, status: "active" }] }),
    );
  });

  it("and the marks would be seen", () => {
    for (const seen of [
      providerKey,
      { providerKey },
      new Error(masterText),
      master,
      new Uint8Array(master),
      [master.toString("base64")],
    ])
      expect(() => expectNoMark(seen)).toThrow();
  });
});
