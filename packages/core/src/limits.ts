import { TooLargeError } from "./errors.ts";

/** What is accepted, in bytes of UTF-8, milliseconds and counts. More is refused with a clear error. */
export const limits = {
  /** A notification's input. */
  inputBytes: 256 * 1024,
  /** A reply; what is longer is cut and its outcome is `truncated`. */
  replyBytes: 512 * 1024,
  /** What is said of a failure; what is longer is cut. */
  reasonBytes: 8 * 1024,
  /** Instructions and context together. */
  instructionsBytes: 256 * 1024,
  /** The longest lease that can be asked for. */
  leaseMs: 15 * 60_000,
  /** The longest wait before a retry, and so the longest that anything waits. */
  waitMs: 60 * 60_000,
  /** The most notifications that one claim hands out. */
  claim: 1_000,
  /** The most rows on one page. */
  page: 1_000,
  /** The text of one page, in characters: it ends with the row that passes this. */
  pageCharacters: 2 * 1024 * 1024,
} as const;

const encoder = new TextEncoder();

/**
 * Refuses a text that is over its limit.
 *
 * @param field named in the error
 * @param text the text
 * @param limitBytes bytes of UTF-8
 * @throws {TooLargeError} `ERR_TOO_LARGE`
 */
export function checkBytes(field: string, text: string, limitBytes: number): void {
  // A UTF-16 unit is at most three bytes of UTF-8, so most texts need no encoding to be passed.
  if (text.length * 3 <= limitBytes) return;
  const bytes = encoder.encode(text).length;
  if (bytes > limitBytes) throw new TooLargeError({ field, bytes, limitBytes });
}

/**
 * How many characters there are in the texts of a row, roughly and at no cost: they are what is large in it.
 *
 * @param row of a list
 */
export function sizeOf(row: unknown): number {
  if (typeof row === "string") return row.length;
  if (typeof row !== "object" || row === null) return 8;
  return Object.values(row).reduce((sum: number, value) => sum + sizeOf(value), 0);
}

/**
 * Cuts a text at a limit without splitting a character.
 *
 * @param text the text
 * @param limitBytes bytes of UTF-8
 */
export function truncateBytes(text: string, limitBytes: number): string {
  if (text.length * 3 <= limitBytes) return text;
  const { read } = encoder.encodeInto(text, new Uint8Array(limitBytes));
  return text.slice(0, read);
}
