import { unlessIdle } from "../idle.ts";
import type { Progress } from "./progress.ts";

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

/** Reads a body under the timeouts of its run. No character is split, wherever the bytes are. */
export function readPieces(body: ReadableStream<Uint8Array>, progress: Progress): Pieces {
  const { stop } = progress;
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const hangUp = (): void => void reader.cancel().catch(() => {});
  // Not every body listens to the signal of its request; a read that waits ends with this one.
  stop.onEnd(hangUp);
  return {
    async next(mustCome) {
      try {
        const { done, value } = await (mustCome ? unlessIdle(reader.read(), progress) : reader.read());
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
