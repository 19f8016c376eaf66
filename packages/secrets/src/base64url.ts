import { within } from "./memory.ts";

/** Base64url without padding, of RFC 4648, both ways. */
export interface Base64Url {
  /** Bytes as text. */
  encode(bytes: Uint8Array): string;
  /**
   * Text as bytes.
   *
   * @param memory where to put them if they fit; otherwise, and without it, they are in memory of their own
   * @returns null unless it is exactly what `encode` gives: no padding, no white space, no stray bits in the last character
   */
  decode(text: string, memory?: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | null;
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Two characters for each 12 bits, the first in the low byte, as little-endian memory has them. */
const pairs = Uint16Array.from(
  { length: 4096 },
  (_, bits) => alphabet.charCodeAt(bits >> 6) | (alphabet.charCodeAt(bits & 63) << 8),
);

/** The six bits of each character; what is no character of the alphabet is negative. */
const sixBits = new Int8Array(256).fill(-1);
for (let bits = 0; bits < alphabet.length; bits++) sixBits[alphabet.charCodeAt(bits)] = bits;

/** The characters of a last group of 1 or 2 bytes, by the number of bytes. */
const lastGroup = [0, 2, 3] as const;

/** Used again for short texts, which most are. Nothing here waits for anything. */
const scratch = new Uint8Array(4096);

/** In plain JavaScript: nothing else is the same everywhere. `btoa` is slower, since it wants a text of bytes first. */
export const table: Base64Url = {
  encode(bytes) {
    const rest = bytes.length % 3;
    const whole = bytes.length - rest;
    const out = within(scratch, (whole / 3) * 4 + lastGroup[rest as 0 | 1 | 2]);
    let at = 0;
    for (let index = 0; index < whole; index += 3) {
      const bits = (bytes[index]! << 16) | (bytes[index + 1]! << 8) | bytes[index + 2]!;
      const high = pairs[bits >> 12]!;
      const low = pairs[bits & 4095]!;
      out[at++] = high;
      out[at++] = high >> 8;
      out[at++] = low;
      out[at++] = low >> 8;
    }
    if (rest > 0) {
      const bits = (bytes[whole]! << 16) | ((bytes[whole + 1] ?? 0) << 8);
      for (let shift = 18; at < out.length; shift -= 6) out[at++] = alphabet.charCodeAt((bits >> shift) & 63);
    }
    return decoder.decode(out);
  },

  decode(text, memory) {
    const rest = text.length % 4;
    if (rest === 1) return null;
    const whole = text.length - rest;
    const characters = within(scratch, text.length);
    // What is not ASCII needs more bytes than it has characters, so that not all of it fits.
    if (encoder.encodeInto(text, characters).read < text.length) return null;
    const out = within(memory, (whole / 4) * 3 + Math.max(0, rest - 1));
    let at = 0;
    // Negative as soon as one character is none of the alphabet's: looking once, at the end, is faster.
    let seen = 0;
    for (let index = 0; index < whole; index += 4) {
      const bits =
        (sixBits[characters[index]!]! << 18) |
        (sixBits[characters[index + 1]!]! << 12) |
        (sixBits[characters[index + 2]!]! << 6) |
        sixBits[characters[index + 3]!]!;
      seen |= bits;
      out[at++] = bits >> 16;
      out[at++] = bits >> 8;
      out[at++] = bits;
    }
    if (rest > 0) {
      let bits = 0;
      for (let index = 0; index < 4; index++)
        bits = (bits << 6) | (index < rest ? sixBits[characters[whole + index]!]! : 0);
      seen |= bits;
      for (let shift = 16; at < out.length; shift -= 8) out[at++] = bits >> shift;
      // What is left over below the last byte must be zero, or several texts would be the same bytes.
      if ((bits & (rest === 2 ? 0xffff : 0xff)) !== 0) return null;
    }
    return seen < 0 ? null : out;
  },
};

interface NativeBytes {
  prototype: {
    setFromBase64(
      this: Uint8Array,
      text: string,
      options: { alphabet: "base64url"; lastChunkHandling: "strict" },
    ): { written: number };
    toBase64(this: Uint8Array, options: { alphabet: "base64url"; omitPadding: true }): string;
  };
}

/**
 * The platform's own, which is ten times as fast for large envelopes: `Uint8Array.prototype.toBase64` of ES2026.
 *
 * @param bytes a `Uint8Array` constructor
 * @returns null when the platform has none
 */
export function native(bytes: object): Base64Url | null {
  const { prototype } = bytes as NativeBytes;
  if (!("setFromBase64" in prototype)) return null;
  return {
    encode: (value) => prototype.toBase64.call(value, { alphabet: "base64url", omitPadding: true }),
    decode(text, memory) {
      const decoded = within(memory, Math.floor((text.length * 3) / 4));
      try {
        const padded = text.padEnd(Math.ceil(text.length / 4) * 4, "=");
        const options = { alphabet: "base64url", lastChunkHandling: "strict" } as const;
        const { written } = prototype.setFromBase64.call(decoded, padded, options);
        // It skips white space and takes padding, both of which make fewer bytes than the length of the text promises.
        return written === decoded.length ? decoded : null;
      } catch {
        return null;
      }
    },
  };
}

interface HostBuffer {
  isEncoding(name: string): boolean;
  from(
    buffer: ArrayBufferLike,
    begin: number,
    length: number,
  ): {
    toString(encoding: "base64url"): string;
    write(text: string, encoding: "base64url"): number;
  };
}

/** Where texts of one-byte characters are stored as such, which is where there is a Buffer, no such text is searched. */
const twoBytes = /[^\0-\xff]/;

/** Up to so many characters, going into the host costs more than doing the work here. */
const fewCharacters = 128;

/**
 * What Node has until it has ES2026's: its `Buffer`, where the host has one anyway. It is ten times as fast as the table
 * for large envelopes; nothing here needs it.
 *
 * @param host the global object
 * @returns null when there is no `Buffer`, or one that does not know base64url, as those for browsers
 */
export function buffered(host: object): Base64Url | null {
  const { Buffer } = host as { Buffer?: HostBuffer };
  if (Buffer?.isEncoding("base64url") !== true) return null;
  return {
    encode: (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64url"),
    decode(text, memory) {
      if (text.length <= fewCharacters) return table.decode(text, memory);
      // It takes the other alphabet as well, of a character of two bytes the low one, and stray bits at the end.
      if (text.includes("+") || text.includes("/") || twoBytes.test(text)) return null;
      if (table.decode(text.slice(text.length - (text.length % 4 || 4))) === null) return null;
      // Memory of its own: Node's smaller buffers share theirs, and what is decoded here may be a key.
      const bytes = within(memory, Math.floor((text.length * 3) / 4));
      const written = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).write(text, "base64url");
      // Whatever else is none of the alphabet it passes over, and then there are fewer bytes than the length promises.
      return written === bytes.length ? bytes : null;
    },
  };
}

/** The fastest that there is. */
export const base64Url: Base64Url = native(Uint8Array) ?? buffered(globalThis) ?? table;
