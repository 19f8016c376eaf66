import { EventSourceParserStream, ParseError } from "eventsource-parser/stream";
import { createIdle } from "../idle.ts";
import { ReplyTooLargeError } from "../errors/run.ts";
import type { Progress } from "./progress.ts";
import { maxEventCharacters } from "./read-text.ts";
import { parseStreamEvent, type Ending } from "./wire.ts";

/** How long the end of the connection is waited for once the run has ended. */
const farewellMs = 1_000;

/** An event as the gateway sends it, or one that is not known. */
export type StreamEvent = NonNullable<ReturnType<typeof parseStreamEvent>>;

/**
 * Gives events until the run has ended. What breaks after that is of no interest: the run is done and paid for.
 *
 * @throws {ReplyTooLargeError} when an event passes its limit
 * @throws whatever the connection failed with
 */
export async function* readStream(
  body: ReadableStream<Uint8Array>,
  progress: Progress,
): AsyncGenerator<StreamEvent, void, undefined> {
  const idle = createIdle(progress.clock, progress.idleTimeoutMs, progress.stop);
  const reader = body
    .pipeThrough(
      beating(() => idle.alive()),
      { signal: progress.stop.signal },
    )
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream({ maxBufferSize: maxEventCharacters }))
    .getReader();
  let ended = false;
  let cancelFarewell: (() => void) | null = null;
  try {
    for (;;) {
      const { done, value } = await (ended ? reader.read() : idle.during(reader.read()));
      if (done || value.data === "[DONE]") return;
      // The rest is read so that the connection can be used again, and no gateway takes our leaving for an abort.
      if (ended) continue;
      // The parser's own limit counts what waits for more input, and so misses an event that came in one piece.
      if (value.data.length > maxEventCharacters) throw eventTooLarge(progress);
      const event = parseStreamEvent(value.data);
      if (event === null) continue;
      ended = isLast(event);
      yield event;
      if (ended) cancelFarewell = progress.clock.after(farewellMs, () => hangUp(reader));
    }
  } catch (error) {
    if (ended) return;
    if (error instanceof ParseError && error.type === "max-buffer-size-exceeded")
      throw eventTooLarge(progress);
    throw error;
  } finally {
    cancelFarewell?.();
    hangUp(reader);
  }
}

/** Whether an event ends the run. */
export function isLast(event: StreamEvent): event is Extract<StreamEvent, { type: Ending }> {
  const { type } = event;
  return type === "response.completed" || type === "response.incomplete" || type === "response.failed";
}

/** Passes bytes on, and tells of each piece. */
function beating(onBytes: () => void): ReadableWritablePair<Uint8Array, Uint8Array> {
  return new TransformStream<Uint8Array, Uint8Array>({
    transform(bytes, controller) {
      onBytes();
      controller.enqueue(bytes);
    },
  });
}

function eventTooLarge({ responseId }: Progress): ReplyTooLargeError {
  return new ReplyTooLargeError({ what: "event", limitCharacters: maxEventCharacters, responseId });
}

function hangUp(reader: ReadableStreamDefaultReader): void {
  reader.cancel().catch(() => {});
}
