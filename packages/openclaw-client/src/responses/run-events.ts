import { requestDefaults, type Connection } from "../connection.ts";
import { OpenClawError } from "../errors/open-claw-error.ts";
import { ConnectionCutError, ReplyTooLargeError, RunAbortedError, RunTimeoutError } from "../errors/run.ts";
import { createIdle } from "../idle.ts";
import { createRedact } from "../redact.ts";
import { createStop } from "../stop.ts";
import type { AgentResponse } from "../types.ts";
import { networkFailure } from "./network-failure.ts";
import { safeName, type Progress } from "./progress.ts";
import { readOutcome, runFailed } from "./read-outcome.ts";
import { isLast, readStream, type StreamEvent } from "./read-stream.ts";
import { readText } from "./read-text.ts";
import { refusal } from "./refusal.ts";
import { checkRequest, privateTexts, requestBody } from "./request-body.ts";
import { requestHeaders } from "./request-headers.ts";
import type { ResponseRequest } from "./request.ts";
import type { RunEvents } from "./response-stream.ts";
import { toEvent } from "./to-event.ts";
import { parseResponseObject } from "./wire.ts";

const defaultTimeoutMs = 10 * 60_000;

/** The longest text that is put together from deltas. */
const maxTextCharacters = 32 * 1024 * 1024;

/**
 * `POST /v1/responses`, once, and everything that comes of it: the one way to read a run.
 *
 * @throws {InvalidInputError} before anything is sent
 * @throws {OpenClawError} whatever went wrong then
 */
export async function* runEvents(
  connection: Connection,
  request: ResponseRequest,
  abort?: AbortSignal,
): RunEvents {
  const { clock, logger, token, hooks } = connection;
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
    redact: createRedact([token.reveal(), ...privateTexts(request)]),
    answered: false,
    responseId: null,
  };
  const startedAt = clock.now();
  try {
    hooks.onRequest({ agent, method: "POST", path: "/v1/responses" });
    const response = await send(connection, headers, body, progress);
    progress.answered = true;
    hooks.onResponse({ agent, status: response.status, durationMs: clock.now() - startedAt });
    let deltas = "";
    let ended: AgentResponse | null = null;
    for await (const event of read(response, progress)) {
      hooks.onEvent({ agent, type: event.type });
      if (isLast(event)) {
        if (event.response.status === "failed") {
          const error = runFailed(event.response, response.status, progress);
          yield { type: "response.failed", error };
          throw error;
        }
        ended = readOutcome(event.response, deltas, response.status, progress);
        yield { type: `response.${ended.status}`, response: ended };
        continue;
      }
      if (event.type === "response.created" || event.type === "response.in_progress")
        progress.responseId ??= safeName(event.response.id, progress.redact);
      if (event.type === "response.output_text.delta") {
        deltas += event.delta;
        if (deltas.length > maxTextCharacters)
          throw new ReplyTooLargeError({
            what: "text",
            limitCharacters: maxTextCharacters,
            responseId: progress.responseId,
          });
      }
      yield event.type === "unknown" ? event : toEvent(event);
    }
    if (ended === null)
      throw new ConnectionCutError({
        reason: "the stream ended early",
        status: response.status,
        responseId: progress.responseId,
      });
    logger.debug({ agent, durationMs: clock.now() - startedAt }, "The run ended well.");
    return ended;
  } catch (caught) {
    const error = explain(caught, progress, { ...request, timeoutMs });
    logger.debug(
      { agent, ...error.toJSON(), durationMs: clock.now() - startedAt },
      "The run did not end well.",
    );
    throw error;
  } finally {
    progress.stop.release();
  }
}

async function send(
  { baseUrl, token, fetch, clock }: Connection,
  headers: Record<string, string>,
  body: Record<string, unknown>,
  { stop, idleTimeoutMs }: Progress,
): Promise<Response> {
  const answer = fetch.raw("/v1/responses", {
    ...requestDefaults,
    baseURL: baseUrl,
    method: "POST",
    headers: { ...headers, authorization: `Bearer ${token.reveal()}` },
    body,
    signal: stop.signal,
  });
  // A fetch that does not listen to the signal may answer after we left; nobody would read that body.
  answer.then(
    (late) => (stop.reason() === null ? undefined : late.body?.cancel().catch(() => {})),
    () => {},
  );
  return createIdle(clock, idleTimeoutMs, stop).during(stop.race(answer));
}

async function* read(response: Response, progress: Progress): AsyncGenerator<StreamEvent, void, undefined> {
  const { status, body, headers } = response;
  if (!response.ok) throw refusal(response, await readText(body, progress), progress);
  if (body !== null && (headers.get("content-type") ?? "").toLowerCase().includes("text/event-stream"))
    return yield* readStream(body, progress);

  const whole = parseResponseObject(await readText(body, progress));
  if (whole === null)
    throw new ConnectionCutError({ reason: "the answer is not one of an OpenClaw gateway", status });
  const type = whole.status === "failed" || whole.status === "incomplete" ? whole.status : "completed";
  yield { type: `response.${type}`, response: whole };
}

function explain(
  caught: unknown,
  { stop, answered, responseId }: Progress,
  { timeoutMs, idleTimeoutMs = 0 }: { timeoutMs: number; idleTimeoutMs?: number | undefined },
): OpenClawError {
  if (OpenClawError.isInstance(caught)) return caught;
  switch (stop.reason()) {
    case "timeout":
      return new RunTimeoutError({ timeoutMs, responseId });
    case "idle":
      return new RunTimeoutError({ timeoutMs: idleTimeoutMs, timeout: "idle", responseId });
    case "aborted":
      return new RunAbortedError({ outcome: "maybeRan", responseId });
    case null:
      return networkFailure(caught, { answered, responseId });
  }
}
