import { base64Url } from "./base64url.ts";
import { canonical } from "./canonical.ts";
import type { SubkeyContext } from "./context.ts";
import type { WebCryptoKey } from "./crypto-key.ts";
import type { KeyRing } from "./key-ring.ts";

/** What a subkey is for. It is the first text of what it is derived from, so that no two uses share one. */
type Use = "lce1" | "lcf1";

const bytesOfKey = 32;
const noSalt = new Uint8Array(0);

/** What seals and opens the envelopes of one ring key, purpose and account. */
export interface Subkey {
  /** AES-GCM, 256 bits; cannot be exported. */
  key: WebCryptoKey;
  /** Base64url of the 32 bytes that come out of HKDF behind the key: whoever knows another key cannot show the same. */
  commitment: string;
  /** What it was derived from, which is how the authenticated data begin. */
  info: Uint8Array;
}

/**
 * Derives the subkey of a ring key, a purpose and an account.
 *
 * @returns null when the ring has no such key, or has disabled it
 */
export async function deriveSubkey(
  keyRing: KeyRing,
  keyId: string,
  context: SubkeyContext,
): Promise<Subkey | null> {
  const info = infoOf("lce1", keyId, context);
  const bits = await derive(keyRing, keyId, info, 2 * bytesOfKey);
  if (bits === null) return null;
  const commitment = base64Url.encode(bits.subarray(bytesOfKey));
  const key = await crypto.subtle.importKey("raw", bits.subarray(0, bytesOfKey), "AES-GCM", false, [
    "encrypt",
    "decrypt",
  ]);
  bits.fill(0);
  return { key, commitment, info };
}

/**
 * Derives the key for fingerprints of a ring key, a purpose and an account.
 *
 * @returns HMAC-SHA-256, cannot be exported; null when the ring has no such key, or has disabled it
 */
export async function deriveFingerprintKey(
  keyRing: KeyRing,
  keyId: string,
  context: SubkeyContext,
): Promise<WebCryptoKey | null> {
  const bits = await derive(keyRing, keyId, infoOf("lcf1", keyId, context), bytesOfKey);
  if (bits === null) return null;
  const key = await crypto.subtle.importKey("raw", bits, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  bits.fill(0);
  return key;
}

function infoOf(use: Use, keyId: string, { purpose, account }: SubkeyContext): Uint8Array<ArrayBuffer> {
  return canonical([use, keyId, purpose, account]);
}

async function derive(
  keyRing: KeyRing,
  keyId: string,
  info: Uint8Array<ArrayBuffer>,
  bytes: number,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const master = await keyRing.hkdfKey(keyId);
  if (master === null) return null;
  const algorithm = { name: "HKDF", hash: "SHA-256", salt: noSalt, info };
  return new Uint8Array(await crypto.subtle.deriveBits(algorithm, master, bytes * 8));
}
