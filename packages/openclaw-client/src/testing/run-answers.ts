import { jsonAnswer, refuse, streamAnswer, textAnswer } from "./answers.ts";
import {
  closingEvents,
  deltaEvents,
  doneEvent,
  endedResponse,
  failedEvent,
  failedResponse,
  openingEvents,
  type ResponseDraft,
} from "./events.ts";
import { failureOf, type RunFailure } from "./provider-failure.ts";
import { toldText, type Script } from "./script.ts";

/** What is answered in place of a run. */
export function insteadOfRun({ refuse: refusal, status, body = "", headers }: Script): Response | null {
  if (refusal !== undefined) return refuse(refusal, headers);
  return status === undefined ? null : textAnswer(status, body, headers);
}

/** The answer of a run, in one piece. */
export function wholeAnswer(draft: ResponseDraft, reply: Script): Response {
  const { fail, headers } = reply;
  if (fail !== undefined) {
    const failure = failureOf(fail);
    return jsonAnswer(failure.status, failedResponse(draft, failure), headers);
  }
  return jsonAnswer(200, endedResponse(draft, { ...reply, text: toldText(reply) }), headers);
}

/** A run that fails before the agent is asked; a stream is opened all the same. */
export function failedAnswer(draft: ResponseDraft, failure: RunFailure, streamed: boolean): Response {
  if (!streamed) return jsonAnswer(failure.status, failedResponse(draft, failure));
  const events = [...openingEvents(draft), failedEvent(draft, failure), doneEvent];
  return streamAnswer(
    new ReadableStream({
      start(controller) {
        for (const event of events) controller.enqueue(event);
        controller.close();
      },
    }),
  );
}

/** What comes between the opening of a stream and its end. */
export function* runEvents(draft: ResponseDraft, reply: Script): Generator<Uint8Array> {
  const { fail, text } = reply;
  if (fail === undefined) return yield* closingEvents(draft, reply);
  const deltas = fail.afterDeltas === undefined ? [] : [...deltaEvents(draft, text)];
  yield* deltas.slice(0, fail.afterDeltas);
  yield failedEvent(draft, failureOf(fail));
}
