import { inspect } from "node:util";
import { Secret } from "@lobstercontrol/core";
import { afterEach, describe, expect, it, vi } from "vitest";
import { KeyRingInvalidError } from "./errors.ts";
import { createKeyRing, type KeyRingKey } from "./key-ring.ts";
import { generateMasterKey } from "./master-key.ts";
import { toBase64, toHex } from "./test-bytes.ts";
import { contextOf, masterKey, ringKey } from "./test-vault.ts";
import { createVault } from "./vault.ts";

const base64 = toBase64(masterKey(1));
const active = ringKey("k1", 1);

function problemOf(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    if (KeyRingInvalidError.isInstance(error)) return error.message;
    throw error;
  }
  throw new Error("It was made.");
}

describe("a key ring", () => {
  it("says what is in it, and not the keys", () => {
    const ring = createKeyRing({
      keys: [ringKey("a", 1, "decryptOnly"), ringKey("b", 2), ringKey("c", 3, "disabled")],
    });
    expect(ring.activeKeyId).toBe("b");
    expect(ring.minimumVersion).toBe(1);
    expect(ring.keys).toEqual([
      { id: "a", status: "decryptOnly" },
      { id: "b", status: "active" },
      { id: "c", status: "disabled" },
    ]);
    const shown = inspect(ring, { depth: Infinity, showHidden: true }) + JSON.stringify(ring);
    expect(shown).not.toContain(base64);
    expect(shown).not.toContain("Uint8Array");
  });

  it("takes two keys that differ in one byte", () => {
    const other = masterKey(1).with(31, 0);
    const keys = [active, { id: "k2", secret: other, status: "decryptOnly" as const }];
    expect(createKeyRing({ keys }).keys).toHaveLength(2);
  });

  it("cannot be changed", () => {
    const ring = createKeyRing({ keys: [active] });
    expect([ring, ring.keys, ring.keys[0]].every((part) => Object.isFrozen(part))).toBe(true);
  });

  it("hands out keys for HKDF that cannot be exported, and those of the ring alone", async () => {
    const ring = createKeyRing({ keys: [active, ringKey("c", 3, "disabled")] });
    const key = await ring.hkdfKey("k1");
    expect(key).toMatchObject({
      extractable: false,
      type: "secret",
      algorithm: { name: "HKDF" },
      usages: ["deriveBits"],
    });
    for (const id of ["c", "d", "", "__proto__", "constructor"]) expect(await ring.hkdfKey(id)).toBeNull();
  });

  it("takes a key as bytes, as base64 of either alphabet, padded or not, and as a secret", async () => {
    const url = base64.replaceAll("+", "-").replaceAll("/", "_");
    const envelope = await createVault({ keyRing: createKeyRing({ keys: [active] }) }).seal("x", contextOf());
    const spelled = [base64, url, base64.replace("=", ""), ` ${base64}\n`, new Secret(base64), masterKey(1)];
    // With both of the characters that differ between the alphabets.
    expect(base64).not.toBe(url);
    for (const secret of spelled) {
      const vault = createVault({ keyRing: createKeyRing({ keys: [{ ...active, secret }] }) });
      expect((await vault.open(envelope, contextOf())).reveal()).toBe("x");
    }
  });

  it("keeps its own copy of the bytes", async () => {
    const secret = masterKey(1);
    const ring = createKeyRing({ keys: [{ ...active, secret }] });
    secret.fill(0);
    const envelope = await createVault({ keyRing: createKeyRing({ keys: [active] }) }).seal("x", contextOf());
    expect((await createVault({ keyRing: ring }).open(envelope, contextOf())).reveal()).toBe("x");
  });

  it("takes thirty-two different ids of thirty-two characters", () => {
    const id = "Az09-_".padEnd(32, "x");
    expect(createKeyRing({ keys: [{ ...active, id }] }).activeKeyId).toBe(id);
  });
});

describe("the first use of a key", () => {
  afterEach(() => vi.restoreAllMocks());

  it("imports it, forgets the bytes, and is the only one to do so", async () => {
    const imported = vi.spyOn(crypto.subtle, "importKey");
    const ring = createKeyRing({ keys: [active] });
    expect(imported).not.toHaveBeenCalled();
    const first = await ring.hkdfKey("k1");
    expect(await ring.hkdfKey("k1")).toBe(first);
    expect(imported).toHaveBeenCalledTimes(1);
    expect([...(imported.mock.calls[0]![1] as Uint8Array)]).toEqual(Array.from({ length: 32 }, () => 0));
  });

  it("may be several at once", async () => {
    const ring = createKeyRing({ keys: [active] });
    const vaults = Array.from({ length: 20 }, () => createVault({ keyRing: ring }));
    const envelopes = await Promise.all(vaults.map((vault) => vault.seal("x", contextOf())));
    const fresh = createVault({ keyRing: createKeyRing({ keys: [active] }) });
    for (const envelope of envelopes) expect((await fresh.open(envelope, contextOf())).reveal()).toBe("x");
  });

  it("can be tried again when the platform failed", async () => {
    const ring = createKeyRing({ keys: [active] });
    vi.spyOn(crypto.subtle, "importKey").mockRejectedValueOnce(new Error("no"));
    await expect(ring.hkdfKey("k1")).rejects.toThrow("no");
    expect(await ring.hkdfKey("k1")).not.toBeNull();
  });
});

describe("a key ring that cannot be used is told at once, by its field and never by its value", () => {
  const secretOf = (secret: unknown) => ({ keys: [{ ...active, secret: secret as string }] });

  it.each<[string, unknown, string]>([
    ["missing", undefined, "keys[0].secret: is missing."],
    ["null", null, "keys[0].secret: is missing."],
    ["a number", 7, "keys[0].secret: is missing."],
    ["empty", "", "keys[0].secret: is empty."],
    ["white space", " \n", "keys[0].secret: is empty."],
    ["no bytes", new Uint8Array(), "keys[0].secret: is empty."],
    ["not base64", "correct horse battery staple", "keys[0].secret: is not base64."],
    ["cut short", base64.slice(0, 40), "keys[0].secret: must be 32 bytes and is 30."],
    ["base64 with a wrong last character", `${base64.slice(0, -2)}B=`, "keys[0].secret: is not base64."],
    ["too short", toBase64(masterKey(1).subarray(16)), "keys[0].secret: must be 32 bytes and is 16."],
    ["one byte too short", masterKey(1).subarray(1), "keys[0].secret: must be 32 bytes and is 31."],
    [
      "one byte too long",
      Uint8Array.from([...masterKey(1), 0]),
      "keys[0].secret: must be 32 bytes and is 33.",
    ],
    [
      "hexadecimal, which is base64 as well",
      toHex(masterKey(1)),
      "keys[0].secret: must be 32 bytes and is 48; it looks like hexadecimal.",
    ],
    [
      "all zero",
      toBase64(new Uint8Array(32)),
      "keys[0].secret: has the same byte all over, so it is no random key.",
    ],
    [
      "all the same",
      new Uint8Array(32).fill(7),
      "keys[0].secret: has the same byte all over, so it is no random key.",
    ],
  ])("a secret that is %s", (_, secret, message) => {
    const problem = problemOf(() => createKeyRing(secretOf(secret)));
    expect(problem).toBe(message);
    if (typeof secret === "string" && secret.trim() !== "") expect(problem).not.toContain(secret);
  });

  it.each<[string, unknown[], string]>([
    ["no keys", [], "keys: must hold at least one key."],
    ["a key that is none", [null], "keys[0]: must be an object with id, secret and status."],
    ["a text for a key", [base64], "keys[0]: must be an object with id, secret and status."],
    ["no id", [{ ...active, id: undefined }], "keys[0].id: must be 1 to 32 of A-Z, a-z, 0-9, - and _."],
    ["an empty id", [{ ...active, id: "" }], "keys[0].id: must be"],
    ["an id with a dot", [{ ...active, id: "a.b" }], "keys[0].id: must be"],
    ["an id with a line feed", [{ ...active, id: "a\n" }], "keys[0].id: must be"],
    ["an id of 33 characters", [{ ...active, id: "x".repeat(33) }], "keys[0].id: must be"],
    ["a key for an id", [{ ...active, id: base64 }], "keys[0].id: must be"],
    [
      "an unknown status",
      [{ ...active, status: "on" }],
      "keys[0].status: must be one of active, decryptOnly, disabled.",
    ],
    [
      "no active key",
      [{ ...active, status: "decryptOnly" }],
      "keys: exactly one key must be active; none is.",
    ],
    ["two active keys", [active, ringKey("k2", 2)], "keys: exactly one key must be active; 2 are."],
    ["one id twice", [active, ringKey("k1", 2, "disabled")], "keys[1].id: is the same as that of keys[0]."],
    [
      "one key twice",
      [active, ringKey("k2", 2, "disabled"), ringKey("k3", 1, "decryptOnly")],
      "keys[2].secret: is the same as that of keys[0].",
    ],
  ])("%s", (_, keys, message) => {
    const problem = problemOf(() => createKeyRing({ keys: keys as KeyRingKey[] }));
    expect(problem).toContain(message);
    expect(problem).not.toContain(base64);
  });

  it("keys that are no list", () => {
    expect(problemOf(() => createKeyRing({ keys: undefined as never }))).toBe(
      "keys: must hold at least one key.",
    );
  });

  it.each([0, 2, 1.5, Number.NaN, "1"])("the minimum version %j", (minimumVersion) => {
    expect(problemOf(() => createKeyRing({ keys: [active], minimumVersion: minimumVersion as number }))).toBe(
      "minimumVersion: must be a whole number from 1 to 1, the format version that is written.",
    );
    expect(createKeyRing({ keys: [active], minimumVersion: 1 }).minimumVersion).toBe(1);
  });
});

describe("a master key", () => {
  it("is 32 random bytes in base64, as a secret", () => {
    const keys = Array.from({ length: 50 }, () => generateMasterKey().reveal());
    for (const key of keys) {
      expect(atob(key)).toHaveLength(32);
      expect(btoa(atob(key))).toBe(key);
    }
    expect(new Set(keys).size).toBe(50);
    expect(String(generateMasterKey())).toBe("[secret]");
    expect(
      createKeyRing({ keys: [{ id: "k", secret: generateMasterKey(), status: "active" }] }).activeKeyId,
    ).toBe("k");
  });
});
