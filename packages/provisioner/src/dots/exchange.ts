import { DropletApiError, type Clock, type Logger, type Secret } from "@lobstercontrol/core";
import { refusal } from "./answers.ts";
import { networkFailure } from "./network-failure.ts";
import { quote } from "./quote.ts";
import { createRateLimit } from "./rate-limit.ts";
import { verdictOf } from "./refusal.ts";
import type { DotsRequest } from "./request.ts";

/** What it takes to send. */
export interface ExchangeOptions {
  token: Secret;
  timeoutMs: number;
  fetch: typeof globalThis.fetch;
  clock: Clock;
  logger: Logger;
}

/** DigitalOcean did what it was asked. */
export interface Done {
  status: number;
  requestId: string | null;
  /** The JSON of the answer; null when it had no body. */
  body: unknown;
}

/**
 * Sends one request, once, and reads its answer to the end.
 *
 * @returns null when DigitalOcean says that what the path names is not there
 * @throws {DropletApiError} `ERR_DROPLET_API` for everything else that is no 2xx with a whole answer
 */
export type Exchange = (request: DotsRequest) => Promise<Done | null>;

export function createExchange(options: ExchangeOptions): Exchange {
  const { token, clock, logger } = options;
  const rateLimit = createRateLimit(clock);

  return async (request) => {
    const { call } = request;
    const waitMs = rateLimit.take(call);
    if (waitMs !== null)
      throw new DropletApiError({
        outcome: "notSent",
        reason: "rateLimited",
        problem: `${call} has to wait: as many requests as it takes were sent.`,
        retryAfterMs: waitMs,
      });

    const startedAt = clock.now();
    const { response, text } = await send(options, request);
    const { status, headers } = response;
    const retryAfterMs = rateLimit.observe(status, headers);
    const body = parseJson(text);
    const said = refusal.safeParse(body).data ?? null;
    const requestId = requestIdOf(headers.get("x-request-id") ?? said?.request_id, options, request);
    const ms = clock.now() - startedAt;
    logger.debug({ call, status, requestId, ms }, "DigitalOcean answered");

    if (status >= 200 && status < 300) {
      if (body !== undefined) return { status, requestId, body };
      throw new DropletApiError({
        outcome: "unknown",
        reason: "garbled",
        problem: `${call} was answered with status ${status} and something that is no JSON.`,
        status,
        requestId,
      });
    }
    // Anybody can answer 404, above all a proxy or a wrong address; then nothing is known about the droplet.
    if (status === 404 && said?.id !== undefined && /^not_?found$/i.test(said.id)) return null;
    const words = said?.message ?? said?.error;
    throw new DropletApiError({
      ...verdictOf(status, said),
      problem: `${call} was answered with status ${status}${words === undefined ? "." : `: ${quote(words, token, request.privateText)}`}`,
      status,
      requestId,
      retryAfterMs,
    });
  };
}

async function send(
  { token, timeoutMs, fetch, clock }: ExchangeOptions,
  { call, method, url, body }: DotsRequest,
): Promise<{ response: Response; text: string }> {
  const timeout = new AbortController();
  // Raced as well, for a fetch that does not listen to the signal.
  const timedOut = new Promise<never>((_, reject) => {
    timeout.signal.addEventListener("abort", () => reject(new Error("timeout")), { once: true });
  });
  timedOut.catch(() => {});
  const cancelTimer = clock.after(timeoutMs, () => timeout.abort());
  const read = async (): Promise<{ response: Response; text: string }> => {
    const response = await fetch(url, {
      method,
      headers: {
        accept: "application/json",
        authorization: `Bearer ${token.reveal()}`,
        ...(body === null ? {} : { "content-type": "application/json" }),
      },
      body,
      // The token is for DigitalOcean alone.
      redirect: "manual",
      signal: timeout.signal,
    });
    return { response, text: await response.text() };
  };
  try {
    return await Promise.race([read(), timedOut]);
  } catch (error) {
    // No cause: it may quote the headers and the body.
    if (timeout.signal.aborted)
      throw new DropletApiError({
        outcome: "unknown",
        reason: "timeout",
        problem: `${call} was not answered within ${timeoutMs} ms.`,
      });
    const { beforeConnection, code } = networkFailure(error);
    throw new DropletApiError({
      outcome: beforeConnection ? "notSent" : "unknown",
      reason: "unreachable",
      problem: `${call} got no answer: ${code}.`,
    });
  } finally {
    cancelTimer();
  }
}

/** Undefined for what is no JSON; null for nothing. */
function parseJson(text: string): unknown {
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function requestIdOf(
  value: string | undefined,
  { token }: ExchangeOptions,
  { privateText }: DotsRequest,
): string | null {
  if (value === undefined || !/^[\w.:-]{1,128}$/.test(value)) return null;
  return quote(value, token, privateText) === value ? value : null;
}
