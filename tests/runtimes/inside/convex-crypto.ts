import type { webcrypto } from "node:crypto";

const methods = [
  "decrypt",
  "deriveBits",
  "deriveKey",
  "digest",
  "encrypt",
  "exportKey",
  "generateKey",
  "importKey",
  "sign",
  "verify",
] as const;
const missingAlgorithms = new Set(["AES-KW", "X25519"]);

/** Numbers from 0 up to 1, the same ones for the same seed. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    // mulberry32
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The Web Crypto of Convex: keys cannot be wrapped, two algorithms are missing, and randomness comes from a seed. */
export function convexCrypto({ subtle }: webcrypto.Crypto, random: () => number): object {
  const getRandomValues = <T extends ArrayBufferView>(view: T): T => {
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    for (const index of bytes.keys()) bytes[index] = random() * 256;
    return view;
  };
  return {
    subtle: Object.fromEntries(methods.map((name) => [name, supported(subtle, name)])),
    getRandomValues,
    randomUUID: () => uuid(getRandomValues(new Uint8Array(16))),
  };
}

function supported(subtle: webcrypto.SubtleCrypto, name: (typeof methods)[number]) {
  const method = subtle[name].bind(subtle) as (...parameters: unknown[]) => Promise<unknown>;
  return async (...parameters: unknown[]): Promise<unknown> => {
    const missing = parameters.map(algorithmOf).find((algorithm) => missingAlgorithms.has(algorithm));
    if (missing !== undefined) throw new DOMException(`${missing} is not there`, "NotSupportedError");
    return method(...parameters);
  };
}

function algorithmOf(parameter: unknown): string {
  if (typeof parameter === "string") return parameter;
  return typeof parameter === "object" && parameter !== null && "name" in parameter
    ? String(parameter.name)
    : "";
}

/** Version 4, variant 1. */
function uuid(bytes: Uint8Array): string {
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
