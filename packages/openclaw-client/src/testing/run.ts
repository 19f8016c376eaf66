import { sleep, type Clock } from "@lobstercontrol/core";
import { streamAnswer } from "./answers.ts";
import { bodyStream } from "./body-stream.ts";
import { createContinuedResponses, type ContinuedBy } from "./continued-responses.ts";
import { doneEvent, openingEvents, type ResponseDraft } from "./events.ts";
import { gone, hasFaults, withFaults } from "./faults.ts";
import type { Prompt } from "./prompt.ts";
import { createHolds, internalError, type RunFailure } from "./provider-failure.ts";
import type { MockReply } from "./reply.ts";
import type { RequestBody } from "./request-body.ts";
import { failedAnswer, insteadOfRun, runEvents, wholeAnswer } from "./run-answers.ts";
import { brokenScript, decideScript, isInstead, isWhole, toldText, type Script } from "./script.ts";
import { noteTorn } from "./torn-answers.ts";
import type { OfferedTools } from "./tools.ts";
import { createTurns } from "./turns.ts";
import type { MockGateway, MockRequest, MockRun } from "./types.ts";

/** A request that passed every check. */
interface PlannedRun {
  request: Request;
  record: MockRequest;
  body: RequestBody;
  prompt: Prompt;
  offered: OfferedTools;
  /** What `x-openclaw-model` asks for. */
  model: string | null;
  /** Null for a session of its own. */
  sessionKey: string | null;
  by: ContinuedBy;
  /** How it fails before the agent is asked; null when it does not. */
  doomed: RunFailure | null;
}

/** Runs agents. */
export type Runner = (planned: PlannedRun) => Promise<Response>;

export function createRunner(gateway: MockGateway, clock: Clock): Runner {
  const turns = createTurns();
  const holds = createHolds(clock);
  const continued = createContinuedResponses(clock);
  /** Node forgets a request, and with it the signal that would abort it, unless somebody holds it. */
  const underway = new Set<Request>();
  let count = 0;

  /** The ids of a new response; they count up, so that tests can name them. */
  function draftOf(model: string): ResponseDraft {
    const uuid = `00000000-0000-4000-8000-${String(++count).padStart(12, "0")}`;
    const createdAt = Math.floor(clock.now() / 1_000);
    return { responseId: `resp_${uuid}`, itemId: `msg_${uuid}`, createdAt, model };
  }

  return async function run({ request, record, body, prompt, offered, model, by, ...planned }) {
    const draft = draftOf(body.model);
    const streamed = body.stream === true;
    const sessionKey =
      continued.find(body.previous_response_id, by) ??
      planned.sessionKey ??
      `agent:${by.agent}:openresponses:${draft.responseId}`;
    const agent = sessionKey.split(":", 2)[1] ?? by.agent;
    const known = gateway.sessions.get(sessionKey);
    const idle = !turns.busy(sessionKey);
    const besideFirst = gateway.failsBesideFirst && !idle && (known?.users.length ?? 0) <= 1;
    const doomed = planned.doomed ?? (holds.has({ agent, model }) || besideFirst ? internalError : null);
    if (doomed !== null) return failedAnswer(draft, doomed, streamed);

    const session = known ?? { users: [], replies: [] };
    gateway.sessions.set(sessionKey, session);
    const client = new AbortController();
    const turn = turns.join(sessionKey);
    let ended = false;
    const end = (): void => {
      ended = true;
      underway.delete(request);
      turn.leave();
    };
    const clientGone = (): void => {
      if (ended) return;
      record.aborted = true;
      end();
      client.abort();
    };
    underway.add(request);
    request.signal.addEventListener("abort", clientGone, { once: true });

    const begin = (): Script | Promise<Script> => {
      const echo = () => `echo#${session.users.length} users=[${session.users.join(" | ")}]`;
      // Whoever left the queue never had a turn.
      if (client.signal.aborted) return { text: echo() };
      session.users.push(prompt.message);
      const mockRun: MockRun = {
        turn: session.users.length,
        agent,
        sessionKey,
        input: prompt.message,
        instructions: [body.instructions, ...prompt.instructions].filter(Boolean).join("\n\n") || null,
        users: [...session.users],
        images: prompt.images,
        tools: offered.tools,
        model,
        stream: streamed,
        signal: client.signal,
      };
      const decide = (reply: MockReply): Script => decideScript(reply, echo, offered);
      try {
        const reply = gateway.reply(mockRun);
        return reply instanceof Promise ? reply.then(decide).catch(brokenScript) : decide(reply);
      } catch (error) {
        return brokenScript(error);
      }
    };
    const wait = async ({ delayMs = 0, hang }: Script): Promise<void> => {
      if (delayMs > 0) await sleep(clock, delayMs, client.signal);
      if (hang === true) await gone(client.signal);
      client.signal.throwIfAborted();
    };
    /** Before the client reads the last of it: who then sends the next request finds the session free. */
    const finish = (reply: Script): void => {
      if (reply.fail === undefined) session.replies.push(toldText(reply));
      else holds.take({ agent, model }, reply.fail);
      continued.remember(draft.responseId, sessionKey, by);
    };

    const script = idle ? begin() : turn.ready.then(begin);
    const early = script instanceof Promise ? (idle ? await soon(script) : null) : script;

    function* rest(reply: Script): Generator<Uint8Array> {
      yield* runEvents(draft, reply);
      finish(reply);
      end();
      yield doneEvent;
    }
    let answer: Response | undefined;
    async function* events(): AsyncGenerator<Uint8Array> {
      try {
        const opening = openingEvents(draft);
        yield* opening;
        const reply = early ?? (await abortable(script, client.signal));
        if (early === null && (isWhole(reply) || reply.cutAfterBytes === 0))
          throw new Error("the mock cut the connection");
        await wait(reply);
        if (answer !== undefined) noteTorn(answer, reply);
        if (early === null && hasFaults(reply))
          yield* withFaults(rest(reply), reply, client.signal, sentBy(opening));
        else yield* rest(reply);
      } finally {
        // Whatever became of it, the next run of the session may begin.
        end();
      }
    }

    if (streamed && (early === null || !isWhole(early))) {
      if (early?.cutAfterBytes === 0) return cut(end);
      const chunks =
        early !== null && hasFaults(early) ? withFaults(events(), early, client.signal) : events();
      answer = streamAnswer(bodyStream(chunks, clientGone, request.signal), early?.headers);
      return noteTorn(answer, early);
    }

    const reply = early ?? (await abortable(script, client.signal));
    await wait(reply);
    if (reply.cutAfterBytes === 0) return cut(end);
    const whole = insteadOfRun(reply) ?? wholeAnswer(draft, reply);
    if (!isInstead(reply)) finish(reply);
    if (!hasFaults(reply)) {
      end();
      return whole;
    }
    async function* faultyBody(): AsyncGenerator<Uint8Array> {
      try {
        yield* withFaults([new Uint8Array(await whole.arrayBuffer())], reply, client.signal);
      } finally {
        end();
      }
    }
    const torn = new Response(bodyStream(faultyBody(), clientGone, request.signal), whole);
    return noteTorn(torn, reply);
  };
}

function sentBy(events: readonly Uint8Array[]): { bytes: number; events: number } {
  return { bytes: events.reduce((bytes, event) => bytes + event.length, 0), events: events.length };
}

function cut(end: () => void): never {
  end();
  throw new TypeError("fetch failed: the mock cut the connection");
}

/** What `promise` gives if it does so without waiting for anything; else null. */
function soon<T>(promise: Promise<T>): Promise<T | null> {
  let later: Promise<null> = Promise.resolve(null);
  for (let turns = 0; turns < 32; turns++) later = later.then(() => null);
  return Promise.race([promise, later]);
}

async function abortable<T>(value: T | Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = gone(signal).then(() => {
    throw signal.reason;
  });
  return Promise.race([value, aborted]);
}
