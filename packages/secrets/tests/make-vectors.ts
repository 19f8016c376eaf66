/**
 * Made `vectors/envelope-v1.json`, once: `node --conditions=@lobstercontrol/source tests/make-vectors.ts > FILE`. It is
 * kept to show how. The file is never made again: what it says is what every later version must open, and seal.
 */
import { hkdfSync, createHash } from "node:crypto";
import { createKeyRing, createVault, type SealContext } from "@lobstercontrol/secrets";

/** Bytes that look random and are the same each time. */
const bytesFrom = (seed: string, length: number): Buffer =>
  createHash("shake256", { outputLength: length }).update(`lobstercontrol vectors ${seed}`).digest();

const lengthPrefixed = (...texts: string[]): Buffer =>
  Buffer.concat(
    texts.flatMap((text) => {
      const bytes = Buffer.from(text, "utf8");
      const prefix = Buffer.alloc(4);
      prefix.writeUInt32BE(bytes.length);
      return [prefix, bytes];
    }),
  );

interface Case {
  name: string;
  keyId?: string;
  created?: number;
  plaintext: Buffer;
  context?: Partial<SealContext>;
}

const cases: Case[] = [
  { name: "a provider key", plaintext: Buffer.from("sk-ant-not-a-key-of-anyone-0001") },
  { name: "nothing", plaintext: Buffer.alloc(0) },
  { name: "one byte", plaintext: Buffer.from([0]) },
  { name: "a byte order mark and characters of all lengths", plaintext: Buffer.from("\uFEFFé€😀") },
  { name: "bytes that are no text", plaintext: Buffer.from([0xff, 0xfe, 0x00, 0x80, 0xc3]) },
  { name: "8 KiB", plaintext: bytesFrom("8 KiB", 8192) },
  {
    name: "a context beyond ASCII, which is not normalised",
    plaintext: Buffer.from("text"),
    context: { account: "e\u0301 and \u00e9", provider: "提供者", record: "😀" },
  },
  {
    name: "a context that looks like two others, run together",
    plaintext: Buffer.from("text"),
    context: { purpose: "a", account: "b\u0000c", provider: "d.e", record: "f:g" },
  },
  {
    name: "the highest version",
    plaintext: Buffer.from("text"),
    context: { version: Number.MAX_SAFE_INTEGER },
  },
  {
    name: "version 0, at the beginning of time",
    created: 0,
    plaintext: Buffer.from("text"),
    context: { version: 0 },
  },
  { name: "the longest key id", keyId: "Az09-_".padEnd(32, "x"), plaintext: Buffer.from("text") },
];

const vectors = [];
for (const { name, keyId = "k1", created = 1_764_000_000_000, plaintext, context: own } of cases) {
  const context = {
    purpose: "provider-key",
    account: "acme",
    provider: "anthropic",
    record: "row-1",
    version: 1,
    ...own,
  };
  const masterKey = bytesFrom(`master key of ${name}`, 32);
  const nonce = bytesFrom(`nonce of ${name}`, 12);
  const vault = createVault({
    keyRing: createKeyRing({ keys: [{ id: keyId, secret: masterKey, status: "active" }] }),
    clock: { now: () => created },
    random: () => nonce,
  });
  const info = lengthPrefixed("lce1", keyId, context.purpose, context.account);
  const okm = Buffer.from(hkdfSync("sha256", masterKey, Buffer.alloc(0), info, 64));
  const rest = lengthPrefixed(context.provider, context.record, String(context.version), String(created));
  vectors.push({
    name,
    masterKeyHex: masterKey.toString("hex"),
    keyId,
    context,
    createdAt: created,
    nonceHex: nonce.toString("hex"),
    plaintextHex: plaintext.toString("hex"),
    infoHex: info.toString("hex"),
    subkeyHex: okm.subarray(0, 32).toString("hex"),
    commitmentHex: okm.subarray(32).toString("hex"),
    aadHex: Buffer.concat([info, rest]).toString("hex"),
    envelope: await vault.seal(plaintext, context),
  });
}
console.log(JSON.stringify({ format: "lobstercontrol envelope v1", vectors }, null, 2));
