import type { WebCryptoKey } from "./crypto-key.ts";

/** How long the nonce of an envelope is. */
export const nonceBytes = 12;
/** How long the tag behind the ciphertext is: what AES-GCM of WebCrypto gives unless it is told otherwise. */
export const tagBytes = 16;

/**
 * AES-256-GCM: the one primitive that encrypts here.
 *
 * @param key an AES-GCM key of 256 bits
 * @param nonce 96 bits, never used before with this key
 * @param aad what is authenticated and not encrypted
 * @param plaintext what is encrypted
 * @returns the ciphertext and the 128-bit tag
 */
export async function encrypt(
  key: WebCryptoKey,
  nonce: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  const algorithm = {
    name: "AES-GCM",
    iv: nonce,
    additionalData: aad,
  };
  return new Uint8Array(await crypto.subtle.encrypt(algorithm, key, plaintext));
}

/**
 * The way back.
 *
 * @param sealed the ciphertext and the tag
 * @returns the plaintext; null when anything is not as it was
 */
export async function decrypt(
  key: WebCryptoKey,
  nonce: Uint8Array,
  aad: Uint8Array,
  sealed: Uint8Array,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const algorithm = {
    name: "AES-GCM",
    iv: nonce,
    additionalData: aad,
  };
  try {
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, key, sealed));
  } catch {
    return null;
  }
}
