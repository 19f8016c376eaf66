import { unlessIdle, type IdleLimit } from "../idle.ts";

/** A body, text by text, as its bytes come. */
export interface Pieces {
  /**
   * The next text, which may be empty; null at the end.
   *
   * @param mustCome whether silence, a stop and a cut are failures; otherwise they are an end like any other
   */
  next(mustCome: boolean): Promise<string | null>;
  /** Lets go: of the connection, unless the body has ended. Repeatable. */
  hangUp(): void;
}

/** Reads a body under the timeouts of its request. No character is split, wherever the bytes are. */
export function readPieces(body: ReadableStream<Uint8Array>, limit: IdleLimit): Pieces {
  const { stop } = limit;
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const hangUp = (): void => void reader.cancel().catch(() => {});
  // Not every body listens to the signal of its request; a read that waits ends with this one.
  stop.onEnd(hangUp);
  return {
    async next(mustCome) {
      try {
        const { done, value } = await (mustCome ? unlessIdle(reader.read(), limit) : reader.read());
        if (mustCome && stop.reason() !== null) throw new Error("stopped");
        return done ? null : decoder.decode(value, { stream: true });
      } catch (error) {
        if (mustCome) throw error;
        return null;
      }
    },
    hangUp,
  };
}

/** A whole body as text; null when it is longer than it may be, and the rest is not read. */
export async function readWithin(
  maxCharacters: number,
  body: ReadableStream<Uint8Array> | null | undefined,
  limit: IdleLimit,
): Promise<string | null> {
  if (!body) return "";
  const pieces = readPieces(body, limit);
  let text = "";
  try {
    while (text.length <= maxCharacters) {
      const piece = await pieces.next(true);
      if (piece === null) return text;
      text += piece;
    }
    return null;
  } finally {
    pieces.hangUp();
  }
}
