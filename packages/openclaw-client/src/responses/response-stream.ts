import { RunAbortedError } from "../errors/run.ts";
import type { AgentResponse } from "../types.ts";
import type { ResponseEvent, ResponseStream } from "./events.ts";
import type { TakeEvents } from "./run.ts";

/** Lets one run be read as events, as text or as a whole, with one outcome for all of them. */
export function createResponseStream(
  start: (take: TakeEvents, signal: AbortSignal) => Promise<AgentResponse>,
): ResponseStream {
  const controller = new AbortController();
  let batch: ResponseEvent[] = [];
  let at = 0;
  /** Settles once the run has ended, and never rejects; null before it begins. */
  let running: Promise<void> | null = null;
  let over = false;
  /** What whoever reads waits for, all of them together: a batch must not take the place of one that is not read yet. */
  let pulling: Promise<void> | null = null;
  let arrived = (): void => {};
  let broke: (error: unknown) => void = () => {};
  /** Lets the run read on. */
  let goOn = (): void => {};
  /** What the run failed with while nobody waited: whoever reads on is told. */
  let untold: { error: unknown } | null = null;
  let outcome: { response: AgentResponse } | { error: unknown } | null = null;

  async function next(): Promise<IteratorResult<ResponseEvent, undefined>> {
    for (;;) {
      const event = batch[at];
      if (event !== undefined) {
        at++;
        return { done: false, value: event };
      }
      if (untold !== null) {
        const { error } = untold;
        untold = null;
        throw error;
      }
      if (over) return { done: true, value: undefined };
      await pull();
    }
  }

  function pull(): Promise<void> {
    pulling ??= new Promise((resolve, reject) => {
      arrived = resolve;
      broke = reject;
    });
    goOn();
    running ??= runToEnd();
    return pulling;
  }

  async function runToEnd(): Promise<void> {
    try {
      const response = await start(take, controller.signal);
      outcome ??= { response };
      over = true;
      arrived();
    } catch (error) {
      outcome ??= { error };
      if (pulling !== null) broke(error);
      else if (!over) untold = { error };
      over = true;
    }
  }

  function take(events: ResponseEvent[]): Promise<void> {
    batch = events;
    at = 0;
    note(events.at(-1));
    pulling = null;
    arrived();
    // The run lets go of its timer and its connection, also if nobody asks for what comes behind its end.
    return outcome === null ? new Promise((resolve) => (goOn = resolve)) : Promise.resolve();
  }

  /** What ends a run is known as soon as it has come, so that `final()` knows it although nobody reads on. */
  function note(last: ResponseEvent | undefined): void {
    if (last?.type === "response.completed" || last?.type === "response.incomplete")
      outcome ??= { response: last.response };
    if (last?.type === "response.failed") outcome ??= { error: last.error };
  }

  async function leave(): Promise<IteratorResult<ResponseEvent, undefined>> {
    outcome ??= { error: new RunAbortedError({ outcome: running === null ? "notSent" : "maybeRan" }) };
    controller.abort();
    batch = [];
    over = true;
    goOn();
    await running;
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
