import { Secret } from "@lobstercontrol/core";
import { base64Url } from "./base64url.ts";

/** How long a master key is: what AES-256 and SHA-256 have in common. */
export const masterKeyBytes = 32;

/**
 * Makes a new master key: 32 random bytes in base64, for `SECRETS_MASTER_KEY_BASE64` or a key ring.
 *
 * @example
 * ```ts
 * import { createKeyRing, generateMasterKey } from "@lobstercontrol/secrets";
 *
 * const keyRing = createKeyRing({ keys: [{ id: "k1", secret: generateMasterKey(), status: "active" }] });
 * console.log(keyRing.activeKeyId);
 * ```
 */
export function generateMasterKey(): Secret {
  const text = base64Url.encode(crypto.getRandomValues(new Uint8Array(masterKeyBytes)));
  return new Secret(`${text.replaceAll("-", "+").replaceAll("_", "/")}=`);
}
