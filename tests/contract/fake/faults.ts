import type { Clock } from "@lobstercontrol/core";
import { refuse } from "./answer.ts";
import type { Fault, SeenRequest } from "./types.ts";

/** What DigitalOcean would have answered. */
interface Answered {
  status: number;
  headers: Headers;
  text: string;
}

/**
 * Goes wrong.
 *
 * @param answered what was done all the same, and would have been answered; null when nothing was done
 * @throws {TypeError} as `fetch` does in Node when there is no answer
 */
export async function failWith(
  { kind, message }: Required<Fault>,
  answered: Answered | null,
  { seen, signal, clock }: { seen: SeenRequest; signal: AbortSignal; clock: Clock },
): Promise<Response> {
  const whole =
    answered?.text === "" || answered === null ? '{"droplets":[],"meta":{"total":0}}' : answered.text;
  const half = whole.slice(0, Math.ceil(whole.length / 2));
  const status =
    answered === null || answered.status === 204 ? (seen.method === "GET" ? 200 : 202) : answered.status;
  const html = (code: number): Response =>
    new Response(`<html><body><h1>${code}</h1></body></html>`, {
      status: code,
      headers: { "content-type": "text/html" },
    });

  switch (kind) {
    case "silence":
      return new Promise((_, reject) => {
        const abort = () => reject(new DOMException("This operation was aborted", "AbortError"));
        if (signal.aborted) return abort();
        signal.addEventListener("abort", abort, { once: true });
      });
    case "reset":
      throw reset();
    case "cutBody":
      return json(
        status,
        new ReadableStream<Uint8Array>({
          start: (stream) => stream.enqueue(new TextEncoder().encode(half)),
          pull: (stream) => stream.error(reset()),
        }),
      );
    case "truncated":
      return json(status, half);
    case "otherJson":
      return json(status, '{"maintenance":true}');
    case "html502":
      return html(502);
    case "html404":
      return html(404);
    case "redirect":
      return new Response(null, { status: 302, headers: { location: "https://example.com/" } });
    case "429":
      return refusal(429, message, { "retry-after": "30" });
    case "429-hourly":
      return refusal(429, message, {
        "ratelimit-remaining": "0",
        "ratelimit-reset": String(Math.ceil(clock.now() / 1_000) + 600),
      });
    case "401":
    case "403":
    case "409":
    case "422":
    case "500":
    case "503":
      return refusal(Number(kind), message);
  }
}

function refusal(status: number, message: string, headers: Record<string, string> = {}): Response {
  return json(status, JSON.stringify(refuse(status, message).body), {
    "x-request-id": "00000000-0000-4000-9000-00000000fa17",
    ...headers,
  });
}

function json(
  status: number,
  body: string | ReadableStream<Uint8Array>,
  headers: Record<string, string> = {},
): Response {
  return new Response(body, { status, headers: { "content-type": "application/json", ...headers } });
}

/** As Node has it. */
function reset(): TypeError {
  return new TypeError("fetch failed", {
    cause: Object.assign(new Error("other side closed"), { name: "SocketError", code: "UND_ERR_SOCKET" }),
  });
}
