import { LobsterError } from "../error.ts";
import type { Logger } from "../logger.ts";
import { scrub } from "../scrub.ts";
import { UnexpectedError } from "./errors.ts";
import { knownErrors } from "./known-errors.ts";

/** Every answer may hold what belongs to one account alone, a key even: nobody in between may keep it. */
const headers = { "cache-control": "no-store", "x-content-type-options": "nosniff" };

/** The answer of a call that went well. */
export const resultAnswer = (result: unknown): Response => Response.json({ result }, { headers });

/** A stream of events. */
export const eventAnswer = (events: ReadableStream<Uint8Array>): Response =>
  new Response(events, { headers: { ...headers, "content-type": "text/event-stream" } });

/** An error that has a status of its own, because of how it was asked and not of what. */
export const refusal = (
  status: number,
  error: LobsterError | ReturnType<LobsterError["toJSON"]>,
  more: Record<string, string> = {},
): Response => Response.json({ error }, { status, headers: { ...headers, ...more } });

/**
 * The answer of a call that failed. Causes and stacks stay here; what went wrong here is logged here.
 *
 * @param error anything that was caught
 * @param logger where failures of the control plane go
 */
export function errorAnswer(error: unknown, logger: Logger): Response {
  const known = LobsterError.isInstance(error) ? error : new UnexpectedError({ cause: scrub(error) });
  const status = statusOf(known);
  if (status >= 500) {
    const { code, message, cause } = known;
    logger.error({ code, reason: message, cause }, "a call failed at the control plane");
  }
  // Somebody mends it there, or starts it again: whoever calls from elsewhere must not give up for good.
  const told = status >= 500 ? { ...known.toJSON(), retryable: true } : known;
  return refusal(status, told, status === 401 ? { "www-authenticate": "Bearer" } : {});
}

/** One of a control plane's own package says whether it will pass; whatever it is, the caller did nothing wrong. */
function statusOf({ code, retryable }: LobsterError): number {
  const known = knownErrors.find(({ type }) => type.code === code);
  return known?.status ?? (retryable ? 503 : 500);
}
