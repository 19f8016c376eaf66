import { describe, expect, it } from "vitest";
import { KeyRingInvalidError } from "./errors.ts";
import { keyRingFromEnv, type Env } from "./key-ring-from-env.ts";
import { toBase64 } from "./test-bytes.ts";
import { contextOf, masterKey, ringKey, vaultOf } from "./test-vault.ts";
import { createVault } from "./vault.ts";

const a = toBase64(masterKey(1));
const b = toBase64(masterKey(2));

describe("a key ring from the environment", () => {
  it("is the one master key, whose id is master", async () => {
    const ring = keyRingFromEnv({ SECRETS_MASTER_KEY_BASE64: ` ${a}\n`, SECRETS_KEYS: "" });
    expect(ring.keys).toEqual([{ id: "master", status: "active" }]);
    const envelope = await createVault({ keyRing: ring }).seal("x", contextOf());
    expect((await vaultOf(ringKey("master", 1)).open(envelope, contextOf())).reveal()).toBe("x");
  });

  it("is the list of several, with white space and line feeds where people put them", async () => {
    const ring = keyRingFromEnv({ SECRETS_KEYS: `\n 2026-11:active:${b},\n master:decryptOnly:${a}\n` });
    expect(ring.keys).toEqual([
      { id: "2026-11", status: "active" },
      { id: "master", status: "decryptOnly" },
    ]);
    const old = await vaultOf(ringKey("master", 1)).seal("x", contextOf());
    expect((await createVault({ keyRing: ring }).open(old, contextOf())).reveal()).toBe("x");
  });

  it("takes what does not come from the environment", () => {
    expect(keyRingFromEnv({ SECRETS_MASTER_KEY_BASE64: a }, { minimumVersion: 1 }).minimumVersion).toBe(1);
    expect(() => keyRingFromEnv({ SECRETS_MASTER_KEY_BASE64: a }, { minimumVersion: 2 })).toThrow(
      "minimumVersion: must be a whole number from 1 to 1, the format version that is written.",
    );
  });

  it.each<[string, Env, string]>([
    ["nothing", {}, "SECRETS_MASTER_KEY_BASE64: is missing, and so is SECRETS_KEYS."],
    [
      "white space",
      { SECRETS_MASTER_KEY_BASE64: " " },
      "SECRETS_MASTER_KEY_BASE64: is missing, and so is SECRETS_KEYS.",
    ],
    [
      "both",
      { SECRETS_MASTER_KEY_BASE64: a, SECRETS_KEYS: `k:active:${b}` },
      "SECRETS_KEYS: is set together with SECRETS_MASTER_KEY_BASE64; put that key into SECRETS_KEYS as master:decryptOnly:… and unset it.",
    ],
    [
      "a short key",
      { SECRETS_MASTER_KEY_BASE64: a.slice(4) },
      "SECRETS_MASTER_KEY_BASE64: must be 32 bytes and is 29.",
    ],
    ["no base64", { SECRETS_MASTER_KEY_BASE64: "pass: phrase" }, "SECRETS_MASTER_KEY_BASE64: is not base64."],
    [
      "an entry of two parts",
      { SECRETS_KEYS: `k1:${a}` },
      "SECRETS_KEYS, entry 1: must be id:status:base64.",
    ],
    [
      "an entry of four",
      { SECRETS_KEYS: `k1:active:${a}:x` },
      "SECRETS_KEYS, entry 1: must be id:status:base64.",
    ],
    [
      "a comma too many",
      { SECRETS_KEYS: `k1:active:${a},` },
      "SECRETS_KEYS, entry 2: must be id:status:base64.",
    ],
    [
      "another order",
      { SECRETS_KEYS: `k1:active:${a},${b}:decryptOnly:k2` },
      "SECRETS_KEYS, entry 2, id: must be 1 to 32 of A-Z, a-z, 0-9, - and _.",
    ],
    [
      "a key for a status",
      { SECRETS_KEYS: `k1:${a}:active` },
      "SECRETS_KEYS, entry 1, status: must be one of active, decryptOnly, disabled.",
    ],
    ["no key", { SECRETS_KEYS: "k1:active:" }, "SECRETS_KEYS, entry 1, secret: is empty."],
    [
      "the same key twice",
      { SECRETS_KEYS: `k1:active:${a},k2:decryptOnly:${a}` },
      "SECRETS_KEYS, entry 2, secret: is the same as that of SECRETS_KEYS, entry 1.",
    ],
    [
      "no active key",
      { SECRETS_KEYS: `k1:decryptOnly:${a}` },
      "SECRETS_KEYS: exactly one key must be active; none is.",
    ],
  ])("that has %s is told by variable and place, and not by value", (_, env, message) => {
    let caught: unknown;
    try {
      keyRingFromEnv(env);
    } catch (error) {
      caught = error;
    }
    expect(KeyRingInvalidError.isInstance(caught)).toBe(true);
    expect((caught as Error).message).toBe(message);
    for (const key of [a, b, a.slice(4), "phrase"]) expect((caught as Error).stack).not.toContain(key);
  });
});
