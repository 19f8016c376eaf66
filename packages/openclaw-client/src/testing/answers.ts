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

export function streamAnswer(body: ReadableStream<Uint8Array>): Response {
  return new Response(body, {
    headers: { ...always, "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" },
  });
}

/** Shape A: the gateway's own error; nothing ran. */
export function errorAnswer(
  status: number,
  type: string,
  message: string,
  headers: Record<string, string> = {},
): Response {
  return jsonAnswer(status, { error: { message, type } }, headers);
}

export const badRequest = (message: string): Response => errorAnswer(400, "invalid_request_error", message);

export const notFound = (): Response => textAnswer(404, "Not Found");
