import { createParser } from "eventsource-parser";
import { fullJitter } from "../backoff.ts";
import { sleep } from "../clock.ts";
import { LobsterError } from "../error.ts";
import type { Secret } from "../secret.ts";
import { authorization, type Connection } from "./connection.ts";
import { readAnswer } from "./read-answer.ts";

/** A stream that says nothing for so long is dead, in milliseconds: three signs of life are missing. */
export const silenceMs = 45_000;

const backoff = { baseMs: 500, capMs: 30_000 };
const maxEventCharacters = 64 * 1024;

/**
 * Listens for wake-ups, and connects again whenever the stream ends, until the signal or a refusal that stays one: a token
 * that is not good any more, or a control plane without wake-ups. Nobody is told: who polls will be.
 */
export async function keepWatching(
  connection: Connection,
  token: Secret,
  onWork: () => void,
  signal: AbortSignal,
): Promise<void> {
  const { clock, random } = connection;
  for (let tries = 1; !signal.aborted; tries++) {
    const startedAt = clock.now();
    try {
      await watchOnce(connection, token, onWork, signal);
    } catch (error) {
      if (LobsterError.isInstance(error) && !error.retryable) return;
    }
    // One that held for a while has not failed with those before.
    if (clock.now() - startedAt > backoff.capMs) tries = 1;
    await sleep(clock, fullJitter(tries, backoff, random), signal);
  }
}

async function watchOnce(
  { fetch, clock, urlOf }: Connection,
  token: Secret,
  onWork: () => void,
  signal: AbortSignal,
): Promise<void> {
  const stop = new AbortController();
  const end = (): void => stop.abort();
  let cancelTimer = (): void => {};
  const heard = (): void => {
    cancelTimer();
    cancelTimer = clock.after(silenceMs, end);
  };
  signal.addEventListener("abort", end, { once: true });
  heard();
  try {
    const response = await fetch(urlOf("runtime/watch"), {
      headers: { ...authorization(token), accept: "text/event-stream" },
      redirect: "manual",
      signal: stop.signal,
    });
    if (!isEventStream(response)) return void readAnswer(response, await response.text());
    const parser = createParser({
      maxBufferSize: maxEventCharacters,
      onEvent({ event }) {
        if (event === "work" && !signal.aborted) onWork();
      },
    });
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    // Not every body ends with the signal of its request; a read that waits ends with this one.
    stop.signal.addEventListener("abort", () => void reader.cancel().catch(() => {}), { once: true });
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      heard();
      parser.feed(decoder.decode(value, { stream: true }));
    }
  } finally {
    cancelTimer();
    signal.removeEventListener("abort", end);
  }
}

function isEventStream(response: Response): response is Response & { body: ReadableStream<Uint8Array> } {
  const type = response.headers.get("content-type") ?? "";
  return response.ok && response.body !== null && type.startsWith("text/event-stream");
}
