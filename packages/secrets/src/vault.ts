import { InvalidInputError, Secret, systemClock, TooLargeError, type Clock } from "@lobstercontrol/core";
import { decrypt, encrypt, nonceBytes } from "./aes-gcm.ts";
import { base64Url } from "./base64url.ts";
import { canonical } from "./canonical.ts";
import { equalInConstantTime } from "./constant-time.ts";
import { checkContext, checkSubkeyContext, type SealContext, type SubkeyContext } from "./context.ts";
import { readEnvelope, readPayload, writeEnvelope } from "./envelope.ts";
import { EnvelopeRejectedError } from "./errors.ts";
import type { KeyRing } from "./key-ring.ts";
import { createLru } from "./lru.ts";
import { revealed, type MaybeSecret } from "./revealed.ts";
import { deriveFingerprintKey, deriveSubkey, type Subkey } from "./subkey.ts";
import { isWellFormed } from "./well-formed.ts";

/** How a vault is made. */
export interface VaultOptions {
  /** The master keys. */
  keyRing: KeyRing;
  /** Whose time stands in the envelopes. */
  clock?: Pick<Clock, "now">;
  /**
   * Gives random bytes: the platform's by default. Only for tests and vectors: a nonce that comes twice gives away what
   * the two envelopes hold.
   *
   * @param length how many
   */
  random?: (length: number) => Uint8Array;
}

/** What an envelope says of itself. It is certain only once the envelope was opened. */
export interface EnvelopeInfo {
  /** The version of the format. */
  version: number;
  /** Which key of the ring sealed it. */
  keyId: string;
  /** When, in milliseconds since the epoch. */
  createdAt: number;
}

/** What can be sealed: a text, or bytes. */
export type Plaintext = MaybeSecret<string | Uint8Array>;

/** Seals and opens. Printing one shows nothing. */
export interface Vault {
  /**
   * Seals a secret under the active key, bound to its context.
   *
   * @param plaintext at most 1 MiB, in UTF-8 when it is a text
   * @param context what must be said again to open it
   * @returns the envelope: printable ASCII without white space
   * @throws {InvalidInputError} `ERR_INVALID_INPUT` when the context or the text cannot be told from another
   * @throws {TooLargeError} `ERR_TOO_LARGE`
   */
  seal(plaintext: Plaintext, context: SealContext): Promise<string>;
  /**
   * Opens an envelope that holds a text.
   *
   * @throws {EnvelopeRejectedError} `ERR_ENVELOPE_REJECTED`, whatever the reason
   * @throws {InvalidInputError} `ERR_INVALID_INPUT` when the context could not have sealed anything
   */
  open(envelope: string, context: SealContext): Promise<Secret>;
  /** Opens an envelope that holds bytes; otherwise like {@link Vault.open}. */
  openBytes(envelope: string, context: SealContext): Promise<Secret<Uint8Array>>;
  /**
   * What an envelope says of itself, without opening it.
   *
   * @throws {InvalidInputError} `ERR_INVALID_INPUT` when it is no envelope that this version reads
   */
  inspect(envelope: string): EnvelopeInfo;
  /** Opens an envelope and seals what it holds under the active key, in the same context. Throws what `open` throws. */
  rewrap(envelope: string, context: SealContext): Promise<string>;
  /** Whether an envelope was sealed under another key than the active one. Throws what `inspect` throws. */
  needsRewrap(envelope: string): boolean;
  /**
   * The same for the same secret, and of no use without the key ring: 16 characters of base64url, from HMAC-SHA-256 under
   * a subkey of the active key. Another account, purpose or active key has another one.
   *
   * @param plaintext a secret
   * @param context whose it is, and what it is for
   */
  fingerprint(plaintext: MaybeSecret<string>, context: SubkeyContext): Promise<string>;
}

const plaintextBytes = 1024 * 1024;
const fingerprintBytes = 12;
/** How many subkeys are kept; each costs a few hundred bytes, and deriving one as much time as some ten seals. */
const cachedSubkeys = 1_024;
const latest = 1e15;

const encoder = new TextEncoder();
// A byte order mark is a character like any other: what was sealed comes back.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Makes a vault on a key ring: AES-256-GCM through WebCrypto, with a subkey for each ring key, purpose and account. The
 * format is specified, byte by byte, in the docs page "Envelope format v1".
 *
 * @example
 * ```ts
 * import { createKeyRing, createVault, generateMasterKey } from "@lobstercontrol/secrets";
 *
 * const keyRing = createKeyRing({ keys: [{ id: "k1", secret: generateMasterKey(), status: "active" }] });
 * const vault = createVault({ keyRing });
 * const context = { purpose: "webhook", account: "acme", provider: "crm", record: "row-7", version: 1 };
 *
 * const envelope = await vault.seal("correct horse", context);
 * console.log(envelope, vault.inspect(envelope));
 * console.log((await vault.open(envelope, context)).reveal());
 * ```
 */
export function createVault({ keyRing, clock = systemClock, random = randomBytes }: VaultOptions): Vault {
  const subkeys = createLru<Subkey>(cachedSubkeys);

  /** Kept once it is there, not as a promise: on some platforms a promise ends with the request that made it. */
  async function subkeyOf(keyId: string, context: SubkeyContext, cacheKey: string): Promise<Subkey | null> {
    const subkey = await deriveSubkey(keyRing, keyId, context);
    if (subkey !== null) subkeys.set(cacheKey, subkey);
    return subkey;
  }

  async function seal(plaintext: Plaintext, context: SealContext): Promise<string> {
    checkContext(context);
    const bytes = bytesOf(plaintext);
    const keyId = keyRing.activeKeyId;
    const cacheKey = cacheKeyOf(keyId, context);
    const subkey = subkeys.get(cacheKey) ?? (await subkeyOf(keyId, context, cacheKey));
    if (subkey === null) throw new EnvelopeRejectedError();
    const created = createdAt(clock.now());
    const nonce = random(nonceBytes);
    if (!(nonce instanceof Uint8Array) || nonce.length !== nonceBytes)
      throw new InvalidInputError({ field: "random", problem: "must give as many bytes as it is asked for" });
    const sealed = await encrypt(subkey.key, nonce, aadOf(subkey, context, created), bytes);
    return writeEnvelope({ keyId, created, commitment: subkey.commitment, nonce, sealed });
  }

  async function unseal(text: string, context: SealContext): Promise<Uint8Array> {
    checkContext(context);
    const envelope = readEnvelope(text);
    if (envelope === null || envelope.version < keyRing.minimumVersion) throw new EnvelopeRejectedError();
    const { keyId, created, commitment } = envelope;
    const cacheKey = cacheKeyOf(keyId, context);
    const subkey = subkeys.get(cacheKey) ?? (await subkeyOf(keyId, context, cacheKey));
    // AES-GCM alone does not tell which key it was: one envelope can be made to open under two.
    if (subkey === null || !equalInConstantTime(commitment, subkey.commitment))
      throw new EnvelopeRejectedError();
    const payload = readPayload(envelope.payload);
    if (payload === null) throw new EnvelopeRejectedError();
    const bytes = await decrypt(subkey.key, payload.nonce, aadOf(subkey, context, created), payload.sealed);
    if (bytes === null) throw new EnvelopeRejectedError();
    return bytes;
  }

  function inspect(envelope: string): EnvelopeInfo {
    const header = readEnvelope(envelope);
    if (header === null)
      throw new InvalidInputError({ field: "envelope", problem: "is no envelope that this version reads" });
    return { version: header.version, keyId: header.keyId, createdAt: Number(header.created) };
  }

  return {
    seal,
    open: async (envelope, context) => new Secret(textOf(await unseal(envelope, context))),
    openBytes: async (envelope, context) => new Secret(await unseal(envelope, context)),
    inspect,
    rewrap: async (envelope, context) => await seal(await unseal(envelope, context), context),
    needsRewrap: (envelope) => inspect(envelope).keyId !== keyRing.activeKeyId,

    async fingerprint(plaintext, context) {
      checkSubkeyContext(context);
      const bytes = bytesOf(plaintext);
      const key = await deriveFingerprintKey(keyRing, keyRing.activeKeyId, context);
      if (key === null) throw new EnvelopeRejectedError();
      const mac = await crypto.subtle.sign("HMAC", key, bytes);
      return base64Url.encode(new Uint8Array(mac, 0, fingerprintBytes));
    },
  };
}

/** For authenticated data of the usual size, which are no secrets. */
const memory = new Uint8Array(2_048);

/**
 * What is authenticated with the ciphertext: all of the header and the context, the part that the subkey is made from first. It
 * is in memory that the next call uses again, so it must go to WebCrypto at once, as what `readPayload` gives.
 */
function aadOf({ info }: Subkey, { provider, record, version }: SealContext, created: string): Uint8Array {
  return canonical([provider, record, String(version), created], info, memory);
}

/** Key ids have no dot in them, so neither two purposes nor a purpose and an account run into each other. */
function cacheKeyOf(keyId: string, { purpose, account }: SubkeyContext): string {
  return `${keyId}.${purpose.length}.${purpose}${account}`;
}

function bytesOf(plaintext: Plaintext): Uint8Array {
  const value = revealed(plaintext);
  if (typeof value === "string" && !isWellFormed(value))
    throw new InvalidInputError({ field: "plaintext", problem: "must be a well-formed text" });
  const bytes = typeof value === "string" ? encoder.encode(value) : value;
  if (!(bytes instanceof Uint8Array))
    throw new InvalidInputError({ field: "plaintext", problem: "must be a text or bytes" });
  if (bytes.length > plaintextBytes)
    throw new TooLargeError({ field: "plaintext", bytes: bytes.length, limitBytes: plaintextBytes });
  return bytes;
}

function textOf(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new EnvelopeRejectedError();
  }
}

function createdAt(now: number): string {
  const created = Math.trunc(now);
  if (!(created >= 0 && created < latest))
    throw new InvalidInputError({ field: "clock", problem: "must give milliseconds since the epoch" });
  return String(created);
}

function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(length));
}
