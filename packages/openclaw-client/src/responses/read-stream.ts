import { EventSourceParserStream, ParseError } from "eventsource-parser/stream";
import { ReplyTooLargeError } from "../errors/run.ts";
import { safeName, type Progress } from "./progress.ts";
import { maxEventCharacters } from "./read-text.ts";
import { parseStreamEvent, type ResponseObject } from "./wire.ts";

/** The longest text that is put together from deltas. */
const maxTextCharacters = 32 * 1024 * 1024;

/** How long the end of the connection is waited for once the run has ended. */
const farewellMs = 1_000;

/** What a stream told. */
export interface StreamEnd {
  /** The response of the event that ended the run; null when the stream ended before the run was known to have. */
  response: ResponseObject | null;
  /** The deltas together. */
  text: string;
}

/**
 * Reads events until the run has ended. What breaks after that is of no interest: the run is done and paid for.
 *
 * @throws {ReplyTooLargeError} when an event or the deltas together pass their limit
 * @throws whatever the connection failed with
 */
export async function readStream(body: ReadableStream<Uint8Array>, progress: Progress): Promise<StreamEnd> {
  const reader = body
    .pipeThrough(new TextDecoderStream(), { signal: progress.stop.signal })
    .pipeThrough(new EventSourceParserStream({ maxBufferSize: maxEventCharacters }))
    .getReader();
  const end: StreamEnd = { response: null, text: "" };
  let cancelFarewell: (() => void) | null = null;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done || value.data === "[DONE]") return end;
      // The rest is read so that the connection can be used again, and no gateway takes our leaving for an abort.
      if (end.response !== null) continue;
      takeEvent(value.data, end, progress);
      if (end.response !== null) cancelFarewell = progress.clock.after(farewellMs, () => hangUp(reader));
    }
  } catch (error) {
    if (end.response !== null) return end;
    if (error instanceof ParseError && error.type === "max-buffer-size-exceeded")
      throw eventTooLarge(progress);
    throw error;
  } finally {
    cancelFarewell?.();
    hangUp(reader);
  }
}

function takeEvent(data: string, end: StreamEnd, progress: Progress): void {
  // The parser's own limit counts what waits for more input, and so misses an event that came in one piece.
  if (data.length > maxEventCharacters) throw eventTooLarge(progress);
  const event = parseStreamEvent(data);
  switch (event?.type) {
    case undefined:
      return;
    case "response.output_text.delta":
      end.text += event.delta;
      if (end.text.length > maxTextCharacters)
        throw new ReplyTooLargeError({
          what: "text",
          limitCharacters: maxTextCharacters,
          responseId: progress.responseId,
        });
      return;
    case "response.created":
    case "response.in_progress":
      progress.responseId ??= safeName(event.response.id, progress.redact);
      return;
    case "response.completed":
    case "response.incomplete":
    case "response.failed":
      end.response = event.response;
  }
}

function eventTooLarge({ responseId }: Progress): ReplyTooLargeError {
  return new ReplyTooLargeError({ what: "event", limitCharacters: maxEventCharacters, responseId });
}

function hangUp(reader: ReadableStreamDefaultReader): void {
  reader.cancel().catch(() => {});
}
