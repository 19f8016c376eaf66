import { sleep, type Clock } from "@lobstercontrol/core";
import { jsonAnswer, streamAnswer, textAnswer } from "./answers.ts";
import {
  closingEvents,
  endedResponse,
  failedResponse,
  failureEvents,
  openingEvents,
  type ResponseDraft,
} from "./events.ts";
import type { RequestBody } from "./request-body.ts";
import type { Route } from "./route.ts";
import type { Turns } from "./turns.ts";
import type { MockGateway, MockReply, MockRequest, MockRun } from "./types.ts";

/** A request that passed every check. */
interface RunRequest {
  request: Request;
  record: MockRequest;
  body: RequestBody;
  input: string;
  route: Route;
}

/** Runs agents. */
export interface Runner {
  run(request: RunRequest): Promise<Response>;
  /** The ids of a new response; they count up, so that tests can name them. */
  draft(model: string): ResponseDraft;
}

/** A reply with its text decided, since an empty one echoes. */
type Script = MockReply & { text: string };

const truncationNote =
  "\n\n⚠️ Reply truncated at the model's output token limit. The text above is partial — ask to continue it.";

export function createRunner(gateway: MockGateway, turns: Turns, clock: Clock): Runner {
  let count = 0;
  const draft = (model: string): ResponseDraft => {
    const uuid = `00000000-0000-4000-8000-${String(++count).padStart(12, "0")}`;
    return {
      responseId: `resp_${uuid}`,
      itemId: `msg_${uuid}`,
      createdAt: Math.floor(clock.now() / 1_000),
      model,
    };
  };

  return {
    draft,
    async run({ request, record, body, input, route }) {
      const response = draft(body.model);
      const sessionKey = route.sessionKey ?? `agent:${route.agent}:openresponses:${response.responseId}`;
      const session = gateway.sessions.get(sessionKey) ?? { users: [], replies: [] };
      gateway.sessions.set(sessionKey, session);

      const client = new AbortController();
      let ended = false;
      const idle = !turns.busy(sessionKey);
      const turn = turns.join(sessionKey);
      const end = (): void => {
        ended = true;
        turn.leave();
      };
      const clientGone = (): void => {
        if (ended) return;
        record.aborted = true;
        end();
        client.abort();
      };
      request.signal.addEventListener("abort", clientGone, { once: true });

      const begin = async (): Promise<Script> => {
        // Whoever left the queue never had a turn.
        if (!client.signal.aborted) session.users.push(input);
        const run: MockRun = {
          turn: session.users.length,
          agent: route.agent,
          sessionKey,
          input,
          instructions: body.instructions ?? null,
          users: [...session.users],
          stream: body.stream === true,
          signal: client.signal,
        };
        const echo = `echo#${run.turn} users=[${run.users.join(" | ")}]`;
        if (client.signal.aborted) return { text: echo };
        try {
          const reply = await gateway.reply(run);
          return { text: reply.toolCalls === undefined ? echo : "", ...reply };
        } catch (error) {
          // A bug of the test: told where the test will see it.
          const message = `the mock's reply() threw: ${error instanceof Error ? error.message : String(error)}`;
          return { text: "", fail: { status: 500, code: "api_error", message } };
        }
      };
      const script = idle ? begin() : turn.ready.then(begin);
      const early = idle ? await soon(script) : null;
      const remember = ({ text, truncated, fail }: Script): void => {
        if (fail === undefined) session.replies.push(text + (truncated === true ? truncationNote : ""));
      };

      if (body.stream === true && early?.status === undefined) {
        if (early?.cutAfterBytes === 0) return cut(end);
        const events = streamEvents({ response, script, clock, signal: client.signal, remember, end });
        return streamAnswer(streamOf(cutting(events, early?.cutAfterBytes), clientGone, request.signal));
      }

      const reply = early ?? (await abortable(script, client.signal));
      await sleep(clock, reply.delayMs ?? 0, client.signal);
      if (reply.hang === true) await gone(client.signal);
      client.signal.throwIfAborted();
      if (reply.cutAfterBytes === 0) return cut(end);
      if (reply.status === undefined) remember(reply);
      end();
      return limited(wholeAnswer(response, reply), reply.cutAfterBytes, request.signal);
    },
  };
}

function wholeAnswer(response: ResponseDraft, reply: Script): Response {
  const { text, truncated = false, fail, status } = reply;
  if (status !== undefined) return textAnswer(status, reply.body ?? "", reply.headers);
  if (fail !== undefined) return jsonAnswer(fail.status, failedResponse(response, fail));
  return jsonAnswer(
    200,
    endedResponse(response, { ...reply, text: truncated ? text + truncationNote : text }),
  );
}

interface StreamedRun {
  response: ResponseDraft;
  script: Promise<Script>;
  clock: Clock;
  signal: AbortSignal;
  remember: (reply: Script) => void;
  end: () => void;
}

async function* streamEvents(run: StreamedRun): AsyncGenerator<Uint8Array> {
  const { response, signal } = run;
  yield* openingEvents(response);
  const reply = await abortable(run.script, signal);
  await sleep(run.clock, reply.delayMs ?? 0, signal);
  if (reply.hang === true) await gone(signal);
  signal.throwIfAborted();
  if (reply.status !== undefined || reply.cutAfterBytes === 0) {
    run.end();
    throw new Error("the mock cut the connection");
  }
  const { fail } = reply;
  const rest = [...(fail === undefined ? closingEvents(response, reply) : failureEvents(response, fail))];
  const limit = reply.cutAfterBytes;
  if (limit === undefined) {
    yield* rest.slice(0, -1);
    run.remember(reply);
    run.end();
    yield* rest.slice(-1);
    return;
  }
  // What is cut here is what the opening left of the limit; see `cutting` for a cut within the opening.
  const opening = openingEvents(response).reduce((bytes, event) => bytes + event.length, 0);
  run.end();
  yield* cutting(rest, Math.max(0, limit - opening));
}

/** Passes so many bytes and then fails, as a connection does. */
async function* cutting(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  limit: number | undefined,
): AsyncGenerator<Uint8Array> {
  let left = limit ?? Infinity;
  for await (const chunk of chunks) {
    if (left < chunk.length) {
      if (left > 0) yield chunk.slice(0, left);
      throw new Error("the mock cut the connection");
    }
    left -= chunk.length;
    yield chunk;
  }
}

function streamOf(
  chunks: AsyncGenerator<Uint8Array>,
  onCancel: () => void,
  signal: AbortSignal,
): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      // A body in memory has no socket that would tell its reader of the abort.
      signal.addEventListener("abort", () => controller.error(signal.reason), { once: true });
    },
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      onCancel();
      await chunks.return(undefined).catch(() => {});
    },
  });
}

async function limited(
  response: Response,
  cutAfterBytes: number | undefined,
  signal: AbortSignal,
): Promise<Response> {
  if (cutAfterBytes === undefined) return response;
  const bytes = new Uint8Array(await response.arrayBuffer());
  return new Response(
    streamOf(cutting([bytes], Math.min(cutAfterBytes, bytes.length - 1)), () => {}, signal),
    response,
  );
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

function gone(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

async function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = gone(signal).then(() => {
    throw signal.reason;
  });
  return Promise.race([promise, aborted]);
}
