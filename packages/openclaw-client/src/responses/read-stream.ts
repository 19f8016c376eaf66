import { createParser } from "eventsource-parser";
import { ReplyTooLargeError } from "../errors/run.ts";
import { detailsOf, type Progress } from "./progress.ts";
import { readPieces, readWithin } from "./read-pieces.ts";
import { parseStreamEvent, type Ending, type StreamEvent } from "./wire.ts";

/** The longest event, and the longest answer that is no stream: the whole of it is in memory at once. */
const maxEventCharacters = 16 * 1024 * 1024;

/** How long the end of the connection is waited for once the run is over. */
const farewellMs = 1_000;

/**
 * Hands over the events until the run has ended, those that came together at once, and reads no further before they are
 * taken. What breaks after the end is of no interest: the run is done and paid for.
 *
 * @throws {ReplyTooLargeError} when an event passes its limit
 * @throws whatever the connection failed with, or `take`
 */
export async function readStream(
  body: ReadableStream<Uint8Array>,
  progress: Progress,
  take: (batch: StreamEvent[]) => Promise<void>,
): Promise<void> {
  let events: StreamEvent[] = [];
  /** The run has ended, or the gateway says that nothing more comes. */
  let isOver = false;
  let isTooLarge = false;
  const parser = createParser({
    maxBufferSize: maxEventCharacters,
    onEvent({ data }) {
      if (isOver || isTooLarge) return;
      // The parser's own limit counts what waits for more input, and so misses an event that came in one piece.
      isTooLarge = data.length > maxEventCharacters;
      isOver = data === "[DONE]";
      const event = isOver || isTooLarge ? null : parseStreamEvent(data);
      if (event === null) return;
      isOver = isLast(event);
      events.push(event);
    },
    onError({ type }) {
      if (type === "max-buffer-size-exceeded") isTooLarge = true;
    },
  });
  const pieces = readPieces(body, progress);
  let cancelFarewell: (() => void) | null = null;
  try {
    for (;;) {
      const piece = await pieces.next(!isOver);
      if (piece === null) return;
      // The rest is read so that the connection can be used again, and no gateway takes our leaving for an abort.
      if (cancelFarewell !== null) continue;
      parser.feed(piece);
      if (events.length > 0) {
        const batch = events;
        events = [];
        await take(batch);
      }
      if (isOver) cancelFarewell = progress.clock.after(farewellMs, pieces.hangUp);
      else if (isTooLarge) throw tooLarge(progress);
    }
  } finally {
    cancelFarewell?.();
    pieces.hangUp();
  }
}

/**
 * A whole body as text.
 *
 * @throws {ReplyTooLargeError} when it is longer than an event may be
 */
export async function readText(body: ReadableStream<Uint8Array> | null, progress: Progress): Promise<string> {
  const text = await readWithin(maxEventCharacters, body, progress);
  if (text === null) throw tooLarge(progress);
  return text;
}

/** Whether an event ends the run. */
export function isLast(event: StreamEvent): event is Extract<StreamEvent, { type: Ending }> {
  const { type } = event;
  return type === "response.completed" || type === "response.incomplete" || type === "response.failed";
}

function tooLarge(progress: Progress): ReplyTooLargeError {
  return new ReplyTooLargeError({
    what: "event",
    limitCharacters: maxEventCharacters,
    ...detailsOf(progress),
  });
}
