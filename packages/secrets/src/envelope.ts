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
export interface Header {
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
}: Omit<Envelope, "version">): string {
  // The nonce is a multiple of three bytes, so that the base64 of both is that of the one and then that of the other.
  const payload = base64Url.encode(nonce) + base64Url.encode(sealed);
  return `${prefix}.${keyId}.${created}.${commitment}.${payload}`;
}

/**
 * The header of an envelope.
 *
 * @returns null when the text is no envelope that this version reads
 */
export function readHeader(text: string): Header | null {
  const parts = split(text);
  return parts === null ? null : { version: formatVersion, keyId: parts[1], created: parts[2] };
}

/**
 * An envelope, taken apart.
 *
 * @returns null when the text is no envelope that this version reads
 */
export function readEnvelope(text: string): Envelope | null {
  const parts = split(text);
  if (parts === null) return null;
  const [, keyId, created, commitment, payload] = parts;
  const bytes = base64Url.decode(payload);
  if (bytes === null || bytes.length < nonceBytes + tagBytes) return null;
  return {
    version: formatVersion,
    keyId,
    created,
    commitment,
    nonce: bytes.subarray(0, nonceBytes),
    sealed: bytes.subarray(nonceBytes),
  };
}

type Parts = [prefix: string, keyId: string, created: string, commitment: string, payload: string];

function split(text: string): Parts | null {
  // Whatever a database gave: the caller's types are no proof.
  if (typeof text !== "string") return null;
  const parts = text.split(".", 6);
  if (parts.length !== 5 || parts[0] !== prefix) return null;
  if (!keyIdPattern.test(parts[1]!) || !createdPattern.test(parts[2]!)) return null;
  return parts as Parts;
}
