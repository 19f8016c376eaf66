import { requestDefaults, type Connection } from "../connection.ts";
import { OpenClawError } from "../errors/open-claw-error.ts";
import { ConnectionCutError, RunAbortedError, RunTimeoutError } from "../errors/run.ts";
import { headerValue } from "../header-value.ts";
import { createRedact } from "../redact.ts";
import { createStop } from "../stop.ts";
import type { AgentResponse, CreateResponseParameters } from "../types.ts";
import { networkFailure } from "./network-failure.ts";
import type { Progress } from "./progress.ts";
import { readOutcome } from "./read-outcome.ts";
import { readStream } from "./read-stream.ts";
import { readText } from "./read-text.ts";
import { refusal } from "./refusal.ts";
import { parseResponseObject } from "./wire.ts";

const defaultTimeoutMs = 10 * 60_000;

/** `POST /v1/responses`, once. */
export async function createResponse(
  connection: Connection,
  parameters: CreateResponseParameters,
): Promise<AgentResponse> {
  const { clock, logger, token } = connection;
  const { agent, sessionKey, input, instructions = "", timeoutMs = defaultTimeoutMs } = parameters;
  headerValue("agent", agent);
  headerValue("sessionKey", sessionKey);
  if (parameters.signal?.aborted === true) throw new RunAbortedError({ outcome: "notSent" });

  const progress: Progress = {
    clock,
    stop: createStop(clock, timeoutMs, parameters.signal),
    redact: createRedact([token.reveal(), sessionKey, input, instructions]),
    answered: false,
    responseId: null,
  };
  const startedAt = clock.now();
  try {
    const response = await send(connection, parameters, progress);
    progress.answered = true;
    const result = await read(response, progress);
    logger.debug({ agent, durationMs: clock.now() - startedAt }, "The run ended well.");
    return result;
  } catch (caught) {
    const error = explain(caught, progress, timeoutMs);
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
  { baseUrl, token, fetch }: Connection,
  { agent, sessionKey, input, instructions }: CreateResponseParameters,
  { stop }: Progress,
): Promise<Response> {
  const answer = fetch.raw("/v1/responses", {
    ...requestDefaults,
    baseURL: baseUrl,
    method: "POST",
    headers: {
      authorization: `Bearer ${token.reveal()}`,
      "content-type": "application/json",
      accept: "text/event-stream, application/json",
      "x-openclaw-agent-id": agent,
      "x-openclaw-session-key": sessionKey,
    },
    body: {
      model: `openclaw/${agent}`,
      input,
      ...(instructions === undefined ? {} : { instructions }),
      // On the wire it is always a stream, so that whoever drops idle connections in between sees life.
      stream: true,
    },
    signal: stop.signal,
  });
  // A fetch that does not listen to the signal may answer after we left; nobody would read that body.
  answer.then(
    (late) => (stop.reason() === null ? undefined : late.body?.cancel().catch(() => {})),
    () => {},
  );
  return stop.race(answer);
}

async function read(response: Response, progress: Progress): Promise<AgentResponse> {
  const { status, body, headers } = response;
  if (!response.ok) throw refusal(response, await readText(body, progress), progress);

  if (body !== null && (headers.get("content-type") ?? "").toLowerCase().includes("text/event-stream")) {
    const { response: last, text } = await readStream(body, progress);
    if (last !== null) return readOutcome(last, text, status, progress);
    throw new ConnectionCutError({
      reason: "the stream ended early",
      status,
      responseId: progress.responseId,
    });
  }

  const whole = parseResponseObject(await readText(body, progress));
  if (whole !== null) return readOutcome(whole, "", status, progress);
  throw new ConnectionCutError({ reason: "the answer is not one of an OpenClaw gateway", status });
}

function explain(
  caught: unknown,
  { stop, answered, responseId }: Progress,
  timeoutMs: number,
): OpenClawError {
  if (OpenClawError.isInstance(caught)) return caught;
  if (stop.reason() === "timeout") return new RunTimeoutError({ timeoutMs, responseId });
  if (stop.reason() === "aborted") return new RunAbortedError({ outcome: "maybeRan", responseId });
  return networkFailure(caught, { answered, responseId });
}
