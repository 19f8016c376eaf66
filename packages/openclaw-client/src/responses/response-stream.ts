import { RunAbortedError } from "../errors/run.ts";
import type { AgentResponse } from "../types.ts";
import type { ResponseEvent, ResponseStream } from "./events.ts";

/** The events of a run, and at last its reply. */
export type RunEvents = AsyncGenerator<ResponseEvent, AgentResponse, undefined>;

/** Lets one run be read as events, as text or as a whole, with one outcome for all of them. */
export function createResponseStream(start: (signal: AbortSignal) => RunEvents): ResponseStream {
  const controller = new AbortController();
  const events = start(controller.signal);
  let begun = false;
  let outcome: { response: AgentResponse } | { error: unknown } | null = null;

  async function next(): Promise<IteratorResult<ResponseEvent, undefined>> {
    begun = true;
    try {
      const { done, value } = await events.next();
      if (done === true) {
        if (value !== undefined) outcome ??= { response: value };
        return { done, value: undefined };
      }
      if (value.type === "response.completed" || value.type === "response.incomplete")
        outcome ??= { response: value.response };
      if (value.type === "response.failed") outcome ??= { error: value.error };
      return { done: false, value };
    } catch (error) {
      outcome ??= { error };
      throw error;
    }
  }

  async function leave(): Promise<IteratorResult<ResponseEvent, undefined>> {
    outcome ??= { error: new RunAbortedError({ outcome: begun ? "maybeRan" : "notSent" }) };
    controller.abort();
    await events.return(undefined as never);
    return { done: true, value: undefined };
  }

  const iterator = { next, return: leave };
  const stream: ResponseStream = {
    [Symbol.asyncIterator]: () => iterator,
    get text() {
      return textOf(stream);
    },
    async final() {
      // Nothing is left when somebody else has read to the end, or left.
      while ((await next()).done !== true);
      if (outcome === null) throw new RunAbortedError({ outcome: "maybeRan" });
      if ("error" in outcome) throw outcome.error;
      return outcome.response;
    },
    abort: () => controller.abort(),
  };
  return stream;
}

async function* textOf(stream: AsyncIterable<ResponseEvent>): AsyncGenerator<string, void, undefined> {
  let said = false;
  for await (const event of stream) {
    if (event.type === "response.output_text.delta") {
      said = true;
      yield event.delta;
    }
    // An answer that came whole has no deltas.
    if (event.type === "response.completed" || event.type === "response.incomplete")
      if (!said && event.response.text !== "") yield event.response.text;
  }
}
