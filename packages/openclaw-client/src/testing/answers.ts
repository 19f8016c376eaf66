import type { MockRefusal } from "./reply.ts";

/** Headers that the gateway puts on every answer. */
const always = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "permissions-policy": "camera=(), microphone=(self), geolocation=()",
};

export function jsonAnswer(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { ...always, "content-type": "application/json; charset=utf-8", ...headers },
  });
}

export function textAnswer(status: number, body: string, headers: Record<string, string> = {}): Response {
  return new Response(body, {
    status,
    headers: { ...always, "content-type": "text/plain; charset=utf-8", ...headers },
  });
}

export function streamAnswer(
  body: ReadableStream<Uint8Array>,
  headers: Record<string, string> = {},
): Response {
  const own = { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" };
  return new Response(body, { headers: { ...always, ...own, ...headers } });
}

interface Refusal {
  type: string;
  message: string;
  code?: string;
  headers?: Record<string, string>;
}

const refusals: Record<MockRefusal["status"], Refusal> = {
  400: { type: "invalid_request_error", message: "invalid request" },
  401: { type: "unauthorized", message: "Unauthorized" },
  403: {
    type: "proxy_attribution_required",
    message:
      "Proxy client attribution is required. Configure gateway.trustedProxies narrowly and make the proxy overwrite or safely rebuild forwarded client headers.",
  },
  413: {
    type: "invalid_request_error",
    message: "Payload too large",
    headers: { connection: "close" },
  },
  429: {
    type: "rate_limited",
    message: "Too many failed authentication attempts. Please try again later.",
  },
  503: {
    type: "service_unavailable",
    message: "Gateway is temporarily unavailable while suspending or restarting",
    code: "gateway_unavailable",
    headers: { "cache-control": "no-store", "retry-after": "1" },
  },
};

/** Shape A: the gateway's own error; nothing ran. */
export function refuse(
  { status, message, retryAfterSeconds }: MockRefusal,
  headers: Record<string, string> = {},
): Response {
  const { type, code, headers: usual, ...said } = refusals[status];
  const error = { message: message ?? said.message, type, ...(code === undefined ? {} : { code }) };
  const retryAfter = retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) };
  return jsonAnswer(status, { error }, { ...usual, ...retryAfter, ...headers });
}

export const badRequest = (message: string): Response => refuse({ status: 400, message });

export const notFound = (): Response => textAnswer(404, "Not Found");

export const methodNotAllowed = (allow: string): Response => textAnswer(405, "Method Not Allowed", { allow });
