import { fullJitter, sleep } from "@lobstercontrol/core";
import type { Connection } from "../connection.ts";
import { GatewayRateLimitedError, GatewayUnavailableError } from "../errors/gateway.ts";
import type { OpenClawError } from "../errors/open-claw-error.ts";
import { RunAbortedError } from "../errors/run.ts";
import { unlessIdle } from "../idle.ts";
import { explain } from "./explain.ts";
import type { Progress } from "./progress.ts";
import { readText } from "./read-stream.ts";
import { refusal } from "./refusal.ts";
import type { ResponseRequest } from "./request.ts";

const backoff = { baseMs: 500, capMs: 8_000 };

/** What is sent, but for the token. */
interface Prepared {
  headers: Record<string, string>;
  body: Record<string, unknown>;
}

/**
 * Sends a request until the gateway takes it. Only what certainly did not run is sent again: what never reached the gateway,
 * or what it refused because it is starting, stopping, or asked too often and says for how long (promise 6).
 *
 * @returns the answer, of which nothing is read yet
 * @throws {OpenClawError} when it did not take it, or nobody knows
 */
export async function openRun(
  connection: Connection,
  request: ResponseRequest & { timeoutMs: number },
  prepared: Prepared,
  progress: Progress,
): Promise<Response> {
  const { clock, random, logger } = connection;
  const { agent, retries = connection.retries, timeoutMs } = request;
  const deadline = clock.now() + timeoutMs;
  for (let attempt = 1; ; attempt++) {
    try {
      return await send(connection, request, prepared, progress, attempt);
    } catch (caught) {
      const error = explain(caught, progress, request);
      const waitMs = Math.max(fullJitter(attempt, backoff, random), error.retryAfterMs ?? 0);
      if (!certainlyDidNotRun(error) || attempt > retries || clock.now() + waitMs >= deadline) throw error;
      logger.debug({ agent, attempt, code: error.code, waitMs }, "Nothing ran; it is sent again.");
      await sleep(clock, waitMs, progress.stop.signal);
      if (progress.stop.reason() === "aborted") throw new RunAbortedError({ outcome: "notSent" });
      // The clock that told how much time is left may have been set back.
      if (progress.stop.reason() !== null) throw error;
    }
  }
}

function certainlyDidNotRun(error: OpenClawError): boolean {
  return (
    (error.outcome === "notSent" && error.blames === "gateway") ||
    (GatewayRateLimitedError.isInstance(error) && error.retryAfterMs !== null) ||
    GatewayUnavailableError.isInstance(error)
  );
}

/** Deno's own fetch sends a text again when the connection closes before an answer, but not a blob (denoland/deno#35610). */
const sentOnce = (body: string): string | Blob => ("Deno" in globalThis ? new Blob([body]) : body);

async function send(
  connection: Connection,
  { agent, connectTimeoutMs }: ResponseRequest,
  { headers, body }: Prepared,
  progress: Progress,
  attempt: number,
): Promise<Response> {
  const { token, post, clock, onRequest, onResponse } = connection;
  const { stop } = progress;
  progress.seen = {};
  onRequest?.({ agent, method: "POST", path: "/v1/responses", attempt });
  const startedAt = clock.now();
  const answer = post("/v1/responses", {
    headers: { ...headers, authorization: `Bearer ${token.reveal()}` },
    body: sentOnce(JSON.stringify(body)),
    signal: stop.signal,
  });
  // A fetch that does not listen to the signal may answer after we left; nobody would read that body.
  answer.then(
    (late) => (stop.reason() === null ? undefined : late.body?.cancel().catch(() => {})),
    () => {},
  );
  const cancelConnect =
    connectTimeoutMs === undefined ? null : clock.after(connectTimeoutMs, () => stop.end("connect"));
  let response: Response;
  try {
    response = await unlessIdle(stop.race(answer), progress);
  } finally {
    cancelConnect?.();
  }
  const { status } = response;
  progress.seen = { status, requestId: response.headers.get("x-request-id") };
  onResponse?.({ agent, status, durationMs: clock.now() - startedAt, attempt });
  if (!response.ok) throw refusal(response, await readText(response.body, progress), progress);
  return response;
}
