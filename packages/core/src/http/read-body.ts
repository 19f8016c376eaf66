import type { Clock } from "../clock.ts";
import { InvalidInputError, TooLargeError } from "../errors.ts";

/** How long a request may take to arrive, in milliseconds. */
export const arrivalMs = 30_000;

/**
 * Reads the JSON of a request. It holds no more than the limit and the piece that passed it, however much is sent, and
 * waits no longer than {@link arrivalMs}.
 *
 * What is not read is left, not cancelled: a cancelled body cuts the connection where Node's streams are beneath, and with
 * it the answer that says why.
 *
 * @returns null when the body did not arrive
 * @throws {TooLargeError} `ERR_TOO_LARGE`
 * @throws {InvalidInputError} `ERR_INVALID_INPUT` when it is no JSON
 */
export async function readBody(
  request: Request,
  limitBytes: number,
  clock: Clock,
): Promise<{ json: unknown } | null> {
  const declared = Number(request.headers.get("content-length") ?? 0);
  if (declared > limitBytes)
    throw new TooLargeError({ field: "The request body", bytes: declared, limitBytes });
  if (request.body === null) return { json: parseJson("") };
  const reader = request.body.getReader();
  // Letting go of the reader ends the read that is waited for.
  const cancelTimer = clock.after(arrivalMs, () => reader.releaseLock());
  try {
    const text = await readText(reader, limitBytes);
    return text === null ? null : { json: parseJson(text) };
  } finally {
    cancelTimer();
  }
}

async function readText(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  limitBytes: number,
): Promise<string | null> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let bytes = 0;
  for (;;) {
    // It rejects when the caller has gone, too.
    const piece = await reader.read().catch(() => null);
    if (piece === null) return null;
    const { done, value } = piece;
    if (done) return text + decoded(() => decoder.decode());
    bytes += value.byteLength;
    if (bytes > limitBytes)
      throw new TooLargeError({ field: "The request body, as far as it was read,", bytes, limitBytes });
    text += decoded(() => decoder.decode(value, { stream: true }));
  }
}

function decoded(decode: () => string): string {
  try {
    return decode();
  } catch {
    throw new InvalidInputError({ field: "request body", problem: "is not UTF-8" });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidInputError({ field: "request body", problem: "is not JSON" });
  }
}
