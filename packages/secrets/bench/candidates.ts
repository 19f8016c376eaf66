/** What is compared: each seals bytes under a key that is ready, and opens what it sealed. */
import * as Iron from "iron-webcrypto";
import { CompactEncrypt, compactDecrypt } from "jose";
import { createKeyRing, createVault, generateMasterKey } from "@lobstercontrol/secrets";
import type * as Tink from "tink-crypto";

/** One way to seal and open. */
export interface Candidate {
  name: string;
  /** What is sealed, made of so many bytes; each takes what it is made for. */
  plaintext(bytes: Uint8Array): unknown;
  seal(plaintext: never): Promise<unknown>;
  open(sealed: never): Promise<unknown>;
  /** How long a sealed one is. */
  length(sealed: never): number;
}

const aad = new Uint8Array(100).fill(7);
const asIs = (bytes: Uint8Array): Uint8Array => bytes;
const lengthOf = ({ length }: { length: number }): number => length;

/** The yardstick: one call, a key that is ready, a fresh nonce, as many authenticated bytes, and no text. */
async function rawWebCrypto(): Promise<Candidate> {
  const master = crypto.getRandomValues(new Uint8Array(32));
  const key = await crypto.subtle.importKey("raw", master, "AES-GCM", false, ["encrypt", "decrypt"]);
  return {
    name: "raw WebCrypto",
    plaintext: asIs,
    async seal(plaintext: Uint8Array<ArrayBuffer>) {
      const iv = crypto.getRandomValues(new Uint8Array(12));
      const algorithm = { name: "AES-GCM", iv, additionalData: aad };
      return { iv, sealed: await crypto.subtle.encrypt(algorithm, key, plaintext) };
    },
    open: async ({ iv, sealed }: { iv: Uint8Array<ArrayBuffer>; sealed: ArrayBuffer }) =>
      await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: aad }, key, sealed),
    length: ({ iv, sealed }: { iv: Uint8Array; sealed: ArrayBuffer }) => iv.length + sealed.byteLength,
  };
}

function ours(): Candidate {
  const keyRing = createKeyRing({ keys: [{ id: "k1", secret: generateMasterKey(), status: "active" }] });
  const vault = createVault({ keyRing });
  const context = {
    purpose: "provider-key",
    account: "acme",
    provider: "anthropic",
    record: "pky_2f0c3c0e-6a52-4f4e-9d6b-0b7d3f0f4b11",
    version: 1,
  };
  return {
    name: "**@lobstercontrol/secrets**",
    plaintext: asIs,
    seal: (plaintext: Uint8Array) => vault.seal(plaintext, context),
    open: (envelope: string) => vault.openBytes(envelope, context),
    length: lengthOf,
  };
}

/** The same as a text, as one writes it by hand for a column of texts: nonce and ciphertext in base64url. */
async function byHand(): Promise<Candidate> {
  const raw = await rawWebCrypto();
  return {
    name: "by hand, a text",
    plaintext: asIs,
    async seal(plaintext) {
      const { iv, sealed } = (await raw.seal(plaintext)) as {
        iv: Uint8Array<ArrayBuffer>;
        sealed: ArrayBuffer;
      };
      return Buffer.from(iv.buffer).toString("base64url") + Buffer.from(sealed).toString("base64url");
    },
    async open(text: string) {
      const bytes = Buffer.from(text, "base64url");
      return await raw.open({ iv: bytes.subarray(0, 12), sealed: bytes.subarray(12) } as never);
    },
    length: lengthOf,
  };
}

async function jose(): Promise<Candidate> {
  const master = crypto.getRandomValues(new Uint8Array(32));
  const key = await crypto.subtle.importKey("raw", master, "AES-GCM", false, ["encrypt", "decrypt"]);
  return {
    name: "jose (JWE, dir + A256GCM)",
    plaintext: asIs,
    seal: (plaintext: Uint8Array) =>
      new CompactEncrypt(plaintext)
        .setProtectedHeader({ alg: "dir", enc: "A256GCM", kid: "k1" })
        .encrypt(key),
    open: (jwe: string) => compactDecrypt(jwe, key),
    length: lengthOf,
  };
}

function iron(): Candidate {
  const password = { id: "k1", secret: generateMasterKey().reveal() };
  return {
    name: "iron-webcrypto",
    plaintext: (bytes) => "x".repeat(bytes.length),
    seal: (plaintext: string) => Iron.seal(plaintext, password, Iron.defaults),
    open: (sealed: string) => Iron.unseal(sealed, { k1: password.secret }, Iron.defaults),
    length: lengthOf,
  };
}

async function tink(): Promise<Candidate> {
  // Made for browsers.
  Object.assign(globalThis, { self: globalThis });
  const { default: library } = (await import("tink-crypto")) as unknown as { default: typeof Tink };
  library.aead.register();
  const handle = await library.generateNewKeysetHandle(library.aead.aes256GcmKeyTemplate());
  const primitive = await handle.getPrimitive<InstanceType<typeof library.aead.Aead>>(library.aead.Aead);
  return {
    name: "tink-crypto",
    plaintext: asIs,
    seal: (plaintext: Uint8Array) => primitive.encrypt(plaintext, aad),
    open: (sealed: Uint8Array) => primitive.decrypt(sealed, aad),
    length: lengthOf,
  };
}

/** All of them: the yardstick, then ours. */
export const candidates: readonly Candidate[] = [
  await rawWebCrypto(),
  ours(),
  await byHand(),
  await jose(),
  iron(),
  await tink(),
];
