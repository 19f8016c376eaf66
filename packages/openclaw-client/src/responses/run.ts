import type { Connection } from "../connection.ts";
import type { OpenClawError } from "../errors/open-claw-error.ts";
import { ConnectionCutError, ReplyTooLargeError, RunAbortedError } from "../errors/run.ts";
import { createRedact } from "../redact.ts";
import { createStop } from "../stop.ts";
import type { AgentResponse } from "../types.ts";
import type { ResponseEvent } from "./events.ts";
import { explain } from "./explain.ts";
import { openRun } from "./open-run.ts";
import { detailsOf, type Progress } from "./progress.ts";
import { readOutcome, runFailed } from "./read-outcome.ts";
import { isLast, readStream, readText } from "./read-stream.ts";
import { privateTexts, requestBody } from "./request-body.ts";
import { checkRequest } from "./check-request.ts";
import { requestHeaders } from "./request-headers.ts";
import type { ResponseRequest } from "./request.ts";
import { parseResponseObject, type StreamEvent } from "./wire.ts";

const defaultTimeoutMs = 10 * 60_000;

/** The longest text that is put together from deltas. */
const maxTextCharacters = 32 * 1024 * 1024;

/** Takes the events of a run, those that came together at once. Nothing more is read until they are taken. */
export type TakeEvents = (events: ResponseEvent[]) => Promise<void> | void;

/**
 * `POST /v1/responses` and everything that comes of it: the one way to read a run.
 *
 * @returns the reply
 *
 * @throws {InvalidInputError} before anything is sent
 * @throws {OpenClawError} whatever went wrong then
 */
export async function run(
  connection: Connection,
  request: ResponseRequest,
  take: TakeEvents,
  abort?: AbortSignal,
): Promise<AgentResponse> {
  const { clock, logger, token, onEvent } = connection;
  const { agent, timeoutMs = defaultTimeoutMs } = request;
  checkRequest(request);
  const headers = requestHeaders(request);
  const body = requestBody(request);
  if (request.signal?.aborted === true || abort?.aborted === true)
    throw new RunAbortedError({ outcome: "notSent" });

  const progress: Progress = {
    clock,
    stop: createStop(clock, timeoutMs, request.signal, abort),
    idleTimeoutMs: request.idleTimeoutMs,
    redact: createRedact(() => [token.reveal(), ...privateTexts(request)]),
    seen: {},
  };
  const startedAt = clock.now();
  const tookMs = (): number => clock.now() - startedAt;
  const reply: { deltas: string; ended: AgentResponse | null } = { deltas: "", ended: null };
  try {
    const response = await openRun(connection, { ...request, timeoutMs }, { headers, body }, progress);
    await read(response, progress, async (batch) => {
      const events: ResponseEvent[] = [];
      let failure: OpenClawError | null = null;
      for (const event of batch) {
        onEvent?.({ agent, type: event.type });
        if (!isLast(event)) {
          if (event.type === "response.created") progress.seen.responseId ??= event.response.id;
          if (event.type === "response.output_text.delta") reply.deltas += event.delta;
          events.push(event);
        } else if (event.response.status === "failed") {
          const error = runFailed(event.response, progress);
          events.push({ type: "response.failed", error });
          failure = error;
        } else
          try {
            const ended = readOutcome(event.response, reply.deltas, progress);
            events.push({ type: `response.${ended.status}`, response: ended });
            reply.ended = ended;
          } catch (error) {
            failure = explain(error, progress, request);
          }
      }
      if (reply.deltas.length > maxTextCharacters)
        failure ??= new ReplyTooLargeError({
          what: "text",
          limitCharacters: maxTextCharacters,
          ...detailsOf(progress),
        });
      await take(events);
      if (failure !== null) throw failure;
    });
    const { ended } = reply;
    if (ended === null)
      throw new ConnectionCutError({ reason: "the stream ended early", ...detailsOf(progress) });
    logger.debug({ agent, durationMs: tookMs() }, "The run ended well.");
    return ended;
  } catch (caught) {
    const error = explain(caught, progress, { ...request, timeoutMs });
    const { code, outcome, status } = error;
    logger.debug({ agent, code, outcome, status, durationMs: tookMs() }, "The run did not end well.");
    throw error;
  } finally {
    progress.stop.release();
  }
}

async function read(
  { body, headers }: Response,
  progress: Progress,
  take: (batch: StreamEvent[]) => Promise<void>,
): Promise<void> {
  if (body !== null && (headers.get("content-type") ?? "").toLowerCase().includes("text/event-stream"))
    return readStream(body, progress, take);

  const whole = parseResponseObject(await readText(body, progress));
  if (whole === null)
    throw new ConnectionCutError({
      reason: "the answer is not one of an OpenClaw gateway",
      ...detailsOf(progress),
    });
  const type = whole.status === "failed" || whole.status === "incomplete" ? whole.status : "completed";
  await take([{ type: `response.${type}`, response: whole }]);
}
