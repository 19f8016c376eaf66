import { RunAbortedError } from "../errors/run.ts";
import type { AgentResponse } from "../types.ts";
import type { ResponseEvent, ResponseStream } from "./events.ts";
import type { Run } from "./run.ts";

/** Lets one run be read as events, as text or as a whole, with one outcome for all of them. */
export function createResponseStream(start: (signal: AbortSignal) => Run): ResponseStream {
  const controller = new AbortController();
  const batches = start(controller.signal);
  let begun = false;
  let batch: ResponseEvent[] = [];
  let at = 0;
  let over = false;
  let pulling: Promise<void> | null = null;
  let outcome: { response: AgentResponse } | { error: unknown } | null = null;

  async function next(): Promise<IteratorResult<ResponseEvent, undefined>> {
    begun = true;
    for (;;) {
      const event = batch[at];
      if (event !== undefined) {
        at++;
        return { done: false, value: event };
      }
      if (over) return { done: true, value: undefined };
      // One at a time, whoever else reads: a batch must not take the place of one that is not read yet.
      pulling ??= pull().finally(() => (pulling = null));
      await pulling;
    }
  }

  async function pull(): Promise<void> {
    try {
      const { done, value } = await batches.next();
      if (done === true) {
        over = true;
        if (value !== undefined) outcome ??= { response: value };
      } else {
        batch = value;
        at = 0;
        note(batch.at(-1));
      }
    } catch (error) {
      over = true;
      outcome ??= { error };
      throw error;
    }
  }

  /** What ends a run is known as soon as it has come, so that `final()` knows it although nobody reads on. */
  function note(last: ResponseEvent | undefined): void {
    if (last?.type === "response.completed" || last?.type === "response.incomplete")
      outcome ??= { response: last.response };
    if (last?.type === "response.failed") outcome ??= { error: last.error };
  }

  async function leave(): Promise<IteratorResult<ResponseEvent, undefined>> {
    outcome ??= { error: new RunAbortedError({ outcome: begun ? "maybeRan" : "notSent" }) };
    controller.abort();
    batch = [];
    await batches.return(undefined as never);
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
