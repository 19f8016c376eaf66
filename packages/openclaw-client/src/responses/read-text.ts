import { ReplyTooLargeError } from "../errors/run.ts";
import { createIdle } from "../idle.ts";
import type { Progress } from "./progress.ts";

/** The longest event, and the longest answer that is no stream: the whole of it is in memory at once. */
export const maxEventCharacters = 8 * 1024 * 1024;

/**
 * A whole body as text.
 *
 * @throws {ReplyTooLargeError} when it is longer than an event may be
 */
export async function readText(body: ReadableStream<Uint8Array> | null, progress: Progress): Promise<string> {
  if (body === null) return "";
  const reader = body.pipeThrough(new TextDecoderStream(), { signal: progress.stop.signal }).getReader();
  const idle = createIdle(progress.clock, progress.idleTimeoutMs, progress.stop);
  const pieces: string[] = [];
  let characters = 0;
  try {
    for (;;) {
      const { done, value } = await idle.during(reader.read());
      if (done) return pieces.join("");
      characters += value.length;
      if (characters > maxEventCharacters)
        throw new ReplyTooLargeError({ what: "event", limitCharacters: maxEventCharacters });
      pieces.push(value);
    }
  } finally {
    // After the end this does nothing; before it, the connection goes.
    reader.cancel().catch(() => {});
  }
}
