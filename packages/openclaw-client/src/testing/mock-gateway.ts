import { systemClock } from "@lobstercontrol/core";
import { badRequest, errorAnswer, jsonAnswer, notFound, textAnswer } from "./answers.ts";
import { failedResponse } from "./events.ts";
import { parseRequestBody, userText } from "./request-body.ts";
import { findRoute } from "./route.ts";
import { createRunner, type Runner } from "./run.ts";
import { createTurns } from "./turns.ts";
import type { MockGateway, MockGatewayOptions, MockRequest } from "./types.ts";

const maxBodyCharacters = 20 * 1024 * 1024;
const version = "2026.9.6";

/**
 * A gateway in memory that answers as `openclaw@2026.9.6` does.
 *
 * @param options its token, its agents, and what their runs say or suffer
 *
 * @example
 * ```ts
 * import { createOpenClawClient } from "@lobstercontrol/openclaw-client";
 * import { createMockGateway } from "@lobstercontrol/openclaw-client/testing";
 *
 * const gateway = createMockGateway({
 *   agents: ["writer"],
 *   reply: ({ turn }) => (turn === 1 ? { text: "On it." } : { cutAfterBytes: 1_000 }),
 * });
 * export const client = createOpenClawClient({
 *   baseUrl: "http://gateway.test",
 *   token: gateway.token,
 *   fetch: gateway.fetch,
 * });
 * ```
 */
export function createMockGateway(options: MockGatewayOptions = {}): MockGateway {
  const gateway: MockGateway = {
    token: options.token ?? "mock-token",
    agents: options.agents ?? ["main"],
    reply: options.reply ?? (() => ({})),
    requests: [],
    sessions: new Map(),
    responsesEnabled: true,
    ready: true,
    rateLimitedSeconds: null,
    async fetch(input, init) {
      const request = new Request(input, init);
      const record = await recordOf(request);
      gateway.requests.push(record);
      request.signal.throwIfAborted();
      return answer(gateway, runner, request, record);
    },
  };
  const runner = createRunner(gateway, createTurns(), options.clock ?? systemClock);
  return gateway;
}

async function recordOf(request: Request): Promise<MockRequest> {
  return {
    method: request.method,
    path: new URL(request.url).pathname,
    headers: request.headers,
    body: await request.text(),
    aborted: false,
  };
}

function answer(
  gateway: MockGateway,
  runner: Runner,
  request: Request,
  record: MockRequest,
): Response | Promise<Response> {
  const { method, path, headers } = record;
  if (path === "/healthz" || path === "/health") return jsonAnswer(200, { ok: true, status: "live" });
  if (path === "/startupz" || path === "/startup")
    return jsonAnswer(200, { ok: true, status: "started", version, uptimeMs: 1_000 });
  if (headers.has("x-forwarded-for"))
    return errorAnswer(
      403,
      "proxy_attribution_required",
      "Proxy client attribution is required. Configure gateway.trustedProxies narrowly and make the proxy overwrite or safely rebuild forwarded client headers.",
    );
  if (path === "/readyz" || path === "/ready")
    return gateway.ready
      ? jsonAnswer(200, { ready: true, failing: [], uptimeMs: 1_000 })
      : jsonAnswer(503, { ready: false, failing: ["gateway-draining"], uptimeMs: 1_000 });

  const isResponses = path === "/v1/responses";
  if (!gateway.responsesEnabled || (!isResponses && path !== "/v1/models")) return notFound();
  if (isResponses && method !== "POST") return textAnswer(405, "Method Not Allowed", { allow: "POST" });
  if (isResponses && !gateway.ready)
    return jsonAnswer(503, {
      error: { message: "Gateway is unavailable.", type: "service_unavailable", code: "gateway_unavailable" },
    });
  return (
    checkToken(gateway, headers) ??
    (isResponses ? answerResponses(gateway, runner, request, record) : listModels(gateway))
  );
}

function checkToken(gateway: MockGateway, headers: Headers): Response | null {
  if (gateway.rateLimitedSeconds !== null)
    return errorAnswer(
      429,
      "rate_limited",
      "Too many failed authentication attempts. Please try again later.",
      { "retry-after": String(gateway.rateLimitedSeconds) },
    );
  const token = /^bearer\s+(.+)$/i.exec(headers.get("authorization") ?? "")?.[1];
  return token === gateway.token ? null : errorAnswer(401, "unauthorized", "Unauthorized");
}

function listModels({ agents }: MockGateway): Response {
  const ids = ["openclaw", "openclaw/default", ...agents.map((agent) => `openclaw/${agent}`)];
  const data = ids.map((id) => ({ id, object: "model", created: 0, owned_by: "openclaw", permission: [] }));
  return jsonAnswer(200, { object: "list", data });
}

function answerResponses(
  gateway: MockGateway,
  runner: Runner,
  request: Request,
  record: MockRequest,
): Response | Promise<Response> {
  if (record.body.length > maxBodyCharacters)
    return errorAnswer(413, "invalid_request_error", "Payload too large", { connection: "close" });
  const parsed = parseRequestBody(record.body);
  if ("problem" in parsed) return badRequest(parsed.problem);
  const { body } = parsed;
  const input = userText(body.input);
  const route = findRoute(record.headers, body, gateway.agents);
  if ("problem" in route) {
    if (route.internal !== true) return badRequest(route.problem);
    const error = { code: "api_error", message: route.problem };
    return jsonAnswer(500, failedResponse(runner.draft(body.model), error));
  }
  if (input === "") return badRequest("Missing user message in `input`.");
  return runner.run({ request, record, body, input, route });
}
