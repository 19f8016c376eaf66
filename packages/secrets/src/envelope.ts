import { base64Url } from "./base64url.ts";
import { nonceBytes, tagBytes } from "./aes-gcm.ts";

/** The format version that is written. */
export const formatVersion = 1;

/** What every envelope of version 1 begins with. Its parts are separated by dots. */
const prefix = "lce1";

/** What the id of a key looks like; it stands in the envelope, so it has no separator in it. */
export const keyIdPattern = /^[A-Za-z0-9_-]{1,32}$/;
const createdPattern = /^(?:0|[1-9][0-9]{0,14})$/;

/** The part of an envelope that is in clear. It is to be trusted only once the envelope was opened. */
interface Header {
  /** The version of the format. */
  version: number;
  /** Which key of the ring. */
  keyId: string;
  /** When it was sealed, in milliseconds since the epoch, in decimal. */
  created: string;
}

/** An envelope, taken apart. */
export interface Envelope extends Header {
  /** Base64url of 32 bytes. */
  commitment: string;
  /** Base64url of nonce, ciphertext and tag. */
  payload: string;
}

/** What of an envelope is encrypted, and what it was encrypted with. */
export interface Payload {
  nonce: Uint8Array;
  /** Ciphertext and tag. */
  sealed: Uint8Array;
}

/** The text of an envelope. */
export function writeEnvelope({
  keyId,
  created,
  commitment,
  nonce,
  sealed,
}: Omit<Envelope, "version" | "payload"> & Payload): string {
  // The nonce is a multiple of three bytes, so that the base64 of both is that of the one and then that of the other.
  const payload = base64Url.encode(nonce) + base64Url.encode(sealed);
  return `${prefix}.${keyId}.${created}.${commitment}.${payload}`;
}

/**
 * An envelope, taken apart.
 *
 * @returns null when the text is no envelope that this version reads
 */
export function readEnvelope(text: string): Envelope | null {
  // Whatever a database gave: the caller's types are no proof.
  if (typeof text !== "string") return null;
  const parts = text.split(".", 6);
  if (parts.length !== 5) return null;
  const [begin, keyId, created, commitment, payload] = parts as [string, string, string, string, string];
  if (begin !== prefix || !keyIdPattern.test(keyId) || !createdPattern.test(created)) return null;
  return { version: formatVersion, keyId, created, commitment, payload };
}

/** For payloads of the usual size, which are no secrets: to make memory for a large one costs half as much as to open it. */
const memory = new Uint8Array(96 * 1024);

/**
 * A payload, taken apart, in memory that the next call uses again. So it must go to WebCrypto before anything is waited for;
 * that takes a copy of all bytes before it returns (Web Cryptography, SubtleCrypto.decrypt and "normalize an algorithm").
 *
 * @returns null when it is none
 */
export function readPayload(payload: string): Payload | null {
  const bytes = base64Url.decode(payload, memory);
  if (bytes === null || bytes.length < nonceBytes + tagBytes) return null;
  return { nonce: bytes.subarray(0, nonceBytes), sealed: bytes.subarray(nonceBytes) };
}
