import { base64Url } from "./base64url.ts";
import type { WebCryptoKey } from "./crypto-key.ts";
import { formatVersion, keyIdPattern } from "./envelope.ts";
import { KeyRingInvalidError } from "./errors.ts";
import { masterKeyBytes } from "./master-key.ts";
import { revealed, type MaybeSecret } from "./revealed.ts";

/**
 * What a key may be used for.
 *
 * - `active`: seals and opens; exactly one is
 * - `decryptOnly`: opens what it has sealed; on its way in or out
 * - `disabled`: neither, and its envelopes are refused
 */
export type KeyStatus = "active" | "decryptOnly" | "disabled";

/** A master key as it is handed in. */
export interface KeyRingKey {
  /** Names it in the envelopes: 1 to 32 of `A-Z a-z 0-9 - _`. An id is never used again for another key. */
  id: string;
  /** 32 bytes, or their base64 (either alphabet, with or without padding). */
  secret: Uint8Array | MaybeSecret<string>;
  /** What it may be used for. */
  status: KeyStatus;
}

/** How a key ring is made. */
export interface KeyRingOptions {
  /** All master keys, in any order. */
  keys: readonly KeyRingKey[];
  /** The lowest envelope format version that is still opened: 1 by default, the only one so far. */
  minimumVersion?: number;
}

/** Master keys, ready to be used and impossible to read. Printing one shows ids and statuses. */
export interface KeyRing {
  /** The id of the active key. */
  readonly activeKeyId: string;
  /** The lowest envelope format version that is still opened. */
  readonly minimumVersion: number;
  /** What is in it. */
  readonly keys: readonly { readonly id: string; readonly status: KeyStatus }[];
  /**
   * The master key that a vault derives its subkeys from.
   *
   * @param id names it
   * @returns a key for HKDF that cannot be exported; null when the ring has none of that id, or has disabled it
   */
  hkdfKey(id: string): Promise<WebCryptoKey | null>;
}

const statuses: readonly string[] = ["active", "decryptOnly", "disabled"] satisfies KeyStatus[];

/**
 * Makes a key ring. What is wrong with it is told now, by field, and never by value.
 *
 * @throws {KeyRingInvalidError} `ERR_KEY_RING_INVALID`
 *
 * @example
 * ```ts
 * import { createKeyRing, generateMasterKey } from "@lobstercontrol/secrets";
 *
 * const keyRing = createKeyRing({
 *   keys: [
 *     { id: "2026-11", secret: generateMasterKey(), status: "active" },
 *     { id: "2026-05", secret: generateMasterKey(), status: "decryptOnly" },
 *   ],
 * });
 * console.log(keyRing.keys);
 * ```
 */
export function createKeyRing({ keys, minimumVersion = 1 }: KeyRingOptions): KeyRing {
  if (!Number.isInteger(minimumVersion) || minimumVersion < 1 || minimumVersion > formatVersion)
    fail(
      "minimumVersion",
      `must be a whole number from 1 to ${formatVersion}, the format version that is written`,
    );
  if (!Array.isArray(keys) || keys.length === 0) fail("keys", "must hold at least one key");
  const parsed = keys.map((key, index) => readKey(key, `keys[${index}]`));
  refuseDuplicates(parsed);
  const active = parsed.filter(({ status }) => status === "active");
  if (active.length !== 1)
    fail(
      "keys",
      `exactly one key must be active; ${active.length === 0 ? "none is" : `${active.length} are`}`,
    );

  const importers = new Map(
    parsed.filter(({ status }) => status !== "disabled").map(({ id, bytes }) => [id, importOnce(bytes)]),
  );
  return Object.freeze({
    activeKeyId: active[0]!.id,
    minimumVersion,
    keys: Object.freeze(parsed.map(({ id, status }) => Object.freeze({ id, status }))),
    hkdfKey: async (id: string) => (await importers.get(id)?.()) ?? null,
  });
}

interface ParsedKey {
  id: string;
  status: KeyStatus;
  bytes: Uint8Array<ArrayBuffer>;
}

function readKey(key: KeyRingKey, field: string): ParsedKey {
  if (typeof key !== "object" || key === null) fail(field, "must be an object with id, secret and status");
  const { id, secret, status } = key;
  if (typeof id !== "string" || !keyIdPattern.test(id))
    fail(`${field}.id`, "must be 1 to 32 of A-Z, a-z, 0-9, - and _");
  if (!statuses.includes(status)) fail(`${field}.status`, `must be one of ${statuses.join(", ")}`);
  return { id, status, bytes: readMasterKey(secret, `${field}.secret`) };
}

/**
 * A master key as bytes of its own, which nobody else holds.
 *
 * @throws {KeyRingInvalidError} `ERR_KEY_RING_INVALID`
 */
function readMasterKey(secret: KeyRingKey["secret"], field: string): Uint8Array<ArrayBuffer> {
  const value = revealed(secret);
  if (typeof value !== "string" && !(value instanceof Uint8Array)) fail(field, "is missing");
  const bytes = typeof value === "string" ? fromBase64(value) : value;
  if (bytes === null) fail(field, "is not base64");
  if (bytes.length === 0) fail(field, "is empty");
  if (bytes.length !== masterKeyBytes)
    fail(field, `must be ${masterKeyBytes} bytes and is ${bytes.length}${maybeHex(value)}`);
  if (bytes.every((byte) => byte === bytes[0]))
    fail(field, "has the same byte all over, so it is no random key");
  return Uint8Array.from(bytes);
}

function fromBase64(text: string): Uint8Array | null {
  return base64Url.decode(
    text
      .trim()
      .replace(/={1,2}$/, "")
      .replaceAll("+", "-")
      .replaceAll("/", "_"),
  );
}

/** Sixty-four hexadecimal digits are base64 as well, of another key. */
function maybeHex(value: string | Uint8Array): string {
  return typeof value === "string" && /^[0-9a-f]{64}$/i.test(value.trim())
    ? "; it looks like hexadecimal"
    : "";
}

function refuseDuplicates(keys: readonly ParsedKey[]): void {
  keys.forEach((key, index) => {
    for (const [earlier, other] of keys.slice(0, index).entries()) {
      if (other.id === key.id) fail(`keys[${index}].id`, `is the same as that of keys[${earlier}]`);
      if (other.bytes.every((byte, at) => byte === key.bytes[at]))
        fail(`keys[${index}].secret`, `is the same as that of keys[${earlier}]`);
    }
  });
}

/** Imports when first asked, since not every platform has cryptography while a program loads; then forgets the bytes. */
function importOnce(bytes: Uint8Array<ArrayBuffer>): () => Promise<WebCryptoKey> {
  let imported: WebCryptoKey | undefined;
  return async () => {
    if (imported !== undefined) return imported;
    const key = await crypto.subtle.importKey("raw", bytes, "HKDF", false, ["deriveBits"]);
    bytes.fill(0);
    // The first of several at once is kept: the others may have seen the bytes forgotten.
    return (imported ??= key);
  };
}

function fail(field: string, problem: string): never {
  throw new KeyRingInvalidError({ field, problem });
}
