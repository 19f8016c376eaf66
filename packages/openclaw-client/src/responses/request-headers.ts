import { refuse } from "../refuse.ts";
import type { ResponseRequest } from "./request.ts";

/** The client's own headers, which decide who asks whom, and those of the connection, at which `fetch` fails or hangs. */
const kept = new Set([
  "authorization",
  "content-type",
  "accept",
  "x-openclaw-agent-id",
  "x-openclaw-session-key",
  "x-openclaw-model",
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/**
 * The headers of `POST /v1/responses`, but for the token.
 *
 * @throws {InvalidInputError} `ERR_INVALID_INPUT` when the caller's own cannot be sent
 */
export function requestHeaders(request: ResponseRequest): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers ?? {})) {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) refuse("headers", "has a name that no header has");
    if (kept.has(name.toLowerCase())) refuse(`headers.${name}`, "is not the caller's to set");
    if (!/^[\x20-\x7e]*$/.test(value)) refuse(`headers.${name}`, "must be visible ASCII");
    result[name] = value;
  }
  const { agent, sessionKey, model } = request;
  return {
    ...result,
    "content-type": "application/json",
    accept: "text/event-stream, application/json",
    "x-openclaw-agent-id": agent,
    ...(sessionKey === undefined ? {} : { "x-openclaw-session-key": sessionKey }),
    ...(model === undefined ? {} : { "x-openclaw-model": model }),
  };
}
