/**
 * A second reader of the envelope format, written from the docs page "Envelope format v1" alone, with other people's
 * cryptography. It shares no line with the package.
 */
import { gcm } from "@noble/ciphers/aes.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";

export interface Bound {
  purpose: string;
  account: string;
  provider: string;
  record: string;
  version: number;
}

/** What an envelope's key and authenticated data are. */
export function derive(masterKey: Uint8Array, keyId: string, bound: Bound, created: string) {
  const info = texts("lce1", keyId, bound.purpose, bound.account);
  const okm = hkdf(sha256, masterKey, undefined, info, 64);
  const rest = texts(bound.provider, bound.record, String(bound.version), created);
  return { info, key: okm.slice(0, 32), commitment: okm.slice(32), aad: Uint8Array.from([...info, ...rest]) };
}

/** Opens an envelope, or throws. */
export function openIndependently(
  envelope: string,
  masterKeys: ReadonlyMap<string, Uint8Array>,
  bound: Bound,
) {
  const match = /^lce1\.([A-Za-z0-9_-]{1,32})\.(0|[1-9][0-9]{0,14})\.([\w-]{43})\.([\w-]+)$/.exec(envelope);
  if (match === null) throw new Error("no envelope");
  const [, keyId = "", created = "", commitment = "", payload = ""] = match;
  const masterKey = masterKeys.get(keyId);
  if (masterKey === undefined) throw new Error("no such key");
  const derived = derive(masterKey, keyId, bound, created);
  if (base64urlnopad.encode(derived.commitment) !== commitment) throw new Error("another key");
  const bytes = base64urlnopad.decode(payload);
  return gcm(derived.key, bytes.subarray(0, 12), derived.aad).decrypt(bytes.subarray(12));
}

function texts(...all: string[]): Uint8Array {
  return Uint8Array.from(
    all.flatMap((text) => {
      const bytes = new TextEncoder().encode(text);
      const length = new DataView(new ArrayBuffer(4));
      length.setUint32(0, bytes.length);
      return [...new Uint8Array(length.buffer), ...bytes];
    }),
  );
}

/** Every byte and every bit counts: what is not what `encode` gives is refused. */
const base64urlnopad = {
  encode: (bytes: Uint8Array): string =>
    btoa(String.fromCharCode(...bytes))
      .replaceAll("+", "-")
      .replaceAll("/", "_")
      .replaceAll("=", ""),
  decode(text: string): Uint8Array {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    if (this.encode(bytes) !== text) throw new Error("not canonical");
    return bytes;
  },
};
