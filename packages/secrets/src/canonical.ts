import { within } from "./memory.ts";

const encoder = new TextEncoder();
const prefixBytes = 4;
const nothing = new Uint8Array(0);

/**
 * Texts as bytes, so that no two lists of texts give the same bytes: each text in UTF-8 behind its length in bytes, which
 * is a big-endian number of four bytes.
 *
 * @param texts well-formed texts
 * @param begin bytes that stand before, made by this function as well
 * @param memory where to put them if they fit; otherwise, and without it, they are in memory of their own
 */
export function canonical(
  texts: readonly string[],
  begin: Uint8Array = nothing,
  memory?: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  let length = begin.length;
  for (const text of texts) length += prefixBytes + text.length;
  const bytes = within(memory, length);
  bytes.set(begin);
  let end = begin.length;
  for (const text of texts) {
    for (let shift = 24; shift >= 0; shift -= 8) bytes[end++] = text.length >> shift;
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index);
      if (unit > 127) return canonicalUtf8(texts, begin);
      bytes[end++] = unit;
    }
  }
  return bytes;
}

/** The same for any text. Most are ASCII, and a call of the encoder for each would cost more than the rest of a seal. */
function canonicalUtf8(texts: readonly string[], begin: Uint8Array): Uint8Array<ArrayBuffer> {
  const encoded = texts.map((text) => encoder.encode(text));
  const length = encoded.reduce((sum, text) => sum + prefixBytes + text.length, begin.length);
  const bytes = new Uint8Array(length);
  bytes.set(begin);
  const view = new DataView(bytes.buffer);
  let end = begin.length;
  for (const text of encoded) {
    view.setUint32(end, text.length);
    bytes.set(text, end + prefixBytes);
    end += prefixBytes + text.length;
  }
  return bytes;
}
