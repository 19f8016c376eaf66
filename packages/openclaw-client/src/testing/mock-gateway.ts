import { systemClock } from "@lobstercontrol/core";
import { badRequest, methodNotAllowed, notFound, refuse } from "./answers.ts";
import { answerModels, answerProbe, bearerOf, checkToken, isForwarded } from "./endpoints.ts";
import { findProfile, type Profile } from "./profile.ts";
import { buildPrompt } from "./prompt.ts";
import { internalError, type RunFailure } from "./provider-failure.ts";
import { parseRequestBody } from "./request-body.ts";
import { findAgent, findSession } from "./route.ts";
import { createRunner, type Runner } from "./run.ts";
import { hasNamesakes, offerTools } from "./tools.ts";
import type { MockGateway, MockGatewayOptions, MockRequest } from "./types.ts";

const maxBodyBytes = 20 * 1024 * 1024;
const namesakes: RunFailure = {
  status: 400,
  code: "invalid_request_error",
  message: "invalid tool configuration",
};

/**
 * A gateway in memory that answers as `openclaw@2026.9.6` does: the same suite of cases runs against both.
 *
 * It does not follow where that takes more than the request: it fetches no URL, recognises no image by its bytes, reads no
 * PDF, has no tools of its own whose names a request could take, and does not ask an agent again that said nothing. Its
 * one trusted token has no sign-in limit but `rateLimitedSeconds`.
 *
 * @param options its token, its agents, and what their runs say or suffer
 * @throws {InvalidInputError} `ERR_INVALID_INPUT` for a profile that there is not
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
  const profile = findProfile(options.profile);
  const gateway: MockGateway = {
    token: options.token ?? "mock-token",
    agents: options.agents ?? ["main"],
    reply: options.reply ?? (() => ({})),
    requests: [],
    sessions: new Map(),
    responsesEnabled: true,
    ready: true,
    rateLimitedSeconds: null,
    failsBesideFirst: false,
    async fetch(input, init) {
      const request = new Request(input, init);
      const record = await recordOf(request);
      gateway.requests.push(record);
      request.signal.throwIfAborted();
      return answer(gateway, profile, runner, request, record);
    },
  };
  const runner = createRunner(gateway, options.clock ?? systemClock);
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

/** The order of the checks is the gateway's own. */
function answer(
  gateway: MockGateway,
  profile: Profile,
  runner: Runner,
  request: Request,
  record: MockRequest,
): Response | Promise<Response> {
  const { method, path, headers } = record;
  const probe = answerProbe(gateway, profile.version, path, method);
  if (probe !== null && path.startsWith("/health")) return probe;
  if (isForwarded(headers)) return refuse({ status: 403 });
  if (probe !== null) return probe;

  const isResponses = path === "/v1/responses";
  if (!gateway.responsesEnabled || !(isResponses || /^\/v1\/models(\/|$)/.test(path))) return notFound();
  if (!gateway.ready) return refuse({ status: 503 });
  const only = isResponses ? "POST" : "GET";
  if (method !== only) return methodNotAllowed(only);
  const refused = checkToken(gateway, headers);
  if (refused !== null) return refused;
  return isResponses ? answerResponses(gateway, runner, request, record) : answerModels(gateway, path);
}

function answerResponses(
  gateway: MockGateway,
  runner: Runner,
  request: Request,
  record: MockRequest,
): Response | Promise<Response> {
  const { headers } = record;
  if (isTooLarge(record.body)) return refuse({ status: 413 });
  const parsed = parseRequestBody(record.body);
  if ("problem" in parsed) return badRequest(parsed.problem);
  const { body } = parsed;
  const selected = findAgent(headers, body.model, gateway.agents);
  if ("problem" in selected) return badRequest(selected.problem);
  const model = headers.get("x-openclaw-model")?.trim() || null;
  if (model !== null && /^\/|\/$/.test(model)) return badRequest("Invalid `x-openclaw-model`.");
  const prompt = buildPrompt(body.input);
  if (prompt === null) return badRequest("invalid request");
  const offered = offerTools(body);
  if (offered === null) return badRequest("invalid tool configuration");
  const session = findSession(headers, selected.agent, body.user, gateway.agents);
  if ("problem" in session) return badRequest(session.problem);
  if (prompt.message === "") return badRequest("Missing user message in `input`.");

  const stumbles = session.unroutable || prompt.message.trim() === "";
  return runner({
    request,
    record,
    body,
    prompt,
    offered,
    model,
    sessionKey: session.sessionKey,
    by: {
      bearer: bearerOf(headers),
      agent: selected.agent,
      sessionKeyHeader: headers.get("x-openclaw-session-key")?.trim() || null,
    },
    doomed: stumbles ? internalError : hasNamesakes(offered.tools) ? namesakes : null,
  });
}

/** No character is more than three bytes, a pair of surrogates four: most bodies need not be measured. */
function isTooLarge(body: string): boolean {
  return body.length * 3 > maxBodyBytes && new TextEncoder().encode(body).length > maxBodyBytes;
}
