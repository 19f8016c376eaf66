import { agentSlug, LobsterError, type AgentSlug } from "@lobstercontrol/core";
import { describe, expect, it, vi } from "vitest";
import { createOpenClawClient } from "../client.ts";
import { agent, answering, failureOf, hello } from "../test-client.ts";
import { listenMockGateway } from "../testing/listen-mock-gateway.ts";
import { createMockGateway } from "../testing/mock-gateway.ts";
import type { MockGateway } from "../testing/types.ts";
import { GatewayUnauthorizedError, GatewayUnreachableError } from "./gateway.ts";
import { OpenClawError } from "./open-claw-error.ts";
import { RequestRefusedError } from "./request.ts";

/** Each failure as a gateway on a port brings it about, and what it must be called. */
const failures: {
  name: string;
  arrange: (gateway: MockGateway) => unknown;
  expected: Partial<OpenClawError>;
  token?: string;
  agent?: AgentSlug;
  timeoutMs?: number;
}[] = [
  {
    name: "a wrong token",
    arrange: () => {},
    token: "wrong",
    expected: {
      code: "ERR_GATEWAY_UNAUTHORIZED",
      outcome: "refused",
      blames: "gateway",
      status: 401,
      gatewayType: "unauthorized",
      retryable: true,
    },
  },
  {
    name: "an endpoint that is off",
    arrange: (gateway) => (gateway.responsesEnabled = false),
    expected: { code: "ERR_RESPONSES_DISABLED", outcome: "refused", blames: "gateway", status: 404 },
  },
  {
    name: "a gateway that drains",
    arrange: (gateway) => (gateway.ready = false),
    expected: {
      code: "ERR_GATEWAY_UNAVAILABLE",
      outcome: "refused",
      blames: "gateway",
      status: 503,
      gatewayType: "service_unavailable",
    },
  },
  {
    name: "too many failed sign-ins",
    arrange: (gateway) => (gateway.rateLimitedSeconds = 5),
    expected: {
      code: "ERR_GATEWAY_RATE_LIMITED",
      outcome: "refused",
      blames: "gateway",
      status: 429,
      retryAfterMs: 5_000,
    },
  },
  {
    name: "an unknown agent",
    arrange: () => {},
    agent: agentSlug.parse("nobody"),
    expected: {
      code: "ERR_REQUEST_REFUSED",
      status: 400,
    },
  },
  {
    name: "a bad request",
    arrange: (gateway) =>
      (gateway.reply = () => ({
        status: 400,
        body: '{"error":{"message":"Unknown agent \'nope\'.","type":"invalid_request_error"}}',
      })),
    expected: {
      code: "ERR_REQUEST_REFUSED",
      message: "The gateway refused the request (400): Unknown agent 'nope'.",
      outcome: "refused",
      blames: "request",
      retryable: false,
    },
  },
  {
    name: "a proxy that is not trusted",
    arrange: (gateway) =>
      (gateway.reply = () => ({
        status: 403,
        body: '{"error":{"message":"Proxy client attribution is required.","type":"proxy_attribution_required"}}',
      })),
    expected: {
      code: "ERR_REQUEST_REFUSED",
      outcome: "refused",
      blames: "gateway",
      retryable: true,
      hint: expect.stringContaining("gateway.trustedProxies"),
    },
  },
  {
    name: "a redirect",
    arrange: (gateway) =>
      (gateway.reply = () => ({ status: 308, headers: { location: "http://127.0.0.1:9/" } })),
    expected: { code: "ERR_REQUEST_REFUSED", outcome: "refused", blames: "gateway", status: 308 },
  },
  {
    name: "a run that the provider fails",
    arrange: (gateway) =>
      (gateway.reply = () => ({ fail: { status: 402, code: "insufficient_quota", message: "no credit" } })),
    expected: {
      code: "ERR_RUN_FAILED",
      message: "The run failed: no credit",
      outcome: "ran",
      blames: "run",
      gatewayType: "insufficient_quota",
      responseId: "resp_00000000-0000-4000-8000-000000000001",
      retryable: true,
    },
  },
  {
    name: "a stream that is cut",
    arrange: (gateway) => (gateway.reply = () => ({ text: "never whole", cutAfterBytes: 1_300 })),
    expected: {
      code: "ERR_CONNECTION_CUT",
      outcome: "maybeRan",
      blames: "run",
      responseId: "resp_00000000-0000-4000-8000-000000000001",
    },
  },
  {
    name: "a connection that is cut before any answer",
    arrange: (gateway) => (gateway.reply = () => ({ cutAfterBytes: 0 })),
    expected: { code: "ERR_CONNECTION_CUT", outcome: "maybeRan", status: null },
  },
  {
    name: "a page of a proxy",
    arrange: (gateway) => (gateway.reply = () => ({ status: 502, body: "<h1>Bad Gateway</h1>" })),
    expected: { code: "ERR_CONNECTION_CUT", outcome: "maybeRan", status: 502 },
  },
  {
    name: "a run that takes too long",
    arrange: (gateway) => (gateway.reply = () => ({ hang: true })),
    timeoutMs: 60,
    expected: {
      code: "ERR_RUN_TIMEOUT",
      message: "The run had not ended after 60 ms.",
      outcome: "maybeRan",
    },
  },
];

describe("over HTTP", () => {
  it.each(failures)("names $name", async ({ arrange, expected, token, timeoutMs, ...rest }) => {
    const gateway = createMockGateway();
    arrange(gateway);
    const server = await listenMockGateway(gateway);
    const client = createOpenClawClient({ baseUrl: server.url, token: token ?? gateway.token, retries: 0 });
    const to = rest.agent ?? agent;
    const sessionKey = hello.sessionKey.replace("agent:main", `agent:${to}`) as typeof hello.sessionKey;

    const error = await failureOf(
      client.responses.create({
        ...hello,
        agent: to,
        sessionKey,
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
      }),
    );
    await server.close();

    expect(error).toMatchObject(expected);
    expect(error.docs).toMatch(new RegExp(`/errors/${error.code}$`));
  });

  it("names a gateway that is down", async () => {
    const server = await listenMockGateway(createMockGateway());
    await server.close();
    const client = createOpenClawClient({ baseUrl: server.url, token: "t", retries: 0 });

    expect(await failureOf(client.responses.create(hello))).toMatchObject({
      code: "ERR_GATEWAY_UNREACHABLE",
      message: "The gateway could not be reached (ECONNREFUSED).",
      outcome: "notSent",
      blames: "gateway",
      retryable: true,
    });
  });
});

describe("answers of no known shape", () => {
  it.each([
    [401, "Sign in", "ERR_GATEWAY_UNAUTHORIZED"],
    [404, "<h1>Not Found</h1>", "ERR_RESPONSES_DISABLED"],
    [404, '{"error":{"message":"No such thing","type":"not_found"}}', "ERR_REQUEST_REFUSED"],
    [405, "Method Not Allowed", "ERR_REQUEST_REFUSED"],
    [413, "", "ERR_REQUEST_REFUSED"],
    [408, "Request Timeout", "ERR_CONNECTION_CUT"],
    [500, '{"error":{"message":"internal error","type":"api_error"}}', "ERR_CONNECTION_CUT"],
    [503, "no upstream", "ERR_CONNECTION_CUT"],
    [200, "<h1>Welcome</h1>", "ERR_CONNECTION_CUT"],
    [200, '{"id":"resp_1","status":"in_progress"}', "ERR_CONNECTION_CUT"],
    [200, '{"id":7,"status":"completed","output":[]}', "ERR_CONNECTION_CUT"],
    [204, null, "ERR_CONNECTION_CUT"],
  ])("%i %s is %s", async (status, body, code) => {
    const client = answering(() => new Response(body, { status }));

    expect((await failureOf(client.responses.create(hello))).code).toBe(code);
  });
});

describe("OpenClawError.isInstance", () => {
  const error = new GatewayUnreachableError({ reason: "ECONNREFUSED" });

  it("knows every subclass, and each subclass its own alone", () => {
    expect(OpenClawError.isInstance(error)).toBe(true);
    expect(GatewayUnreachableError.isInstance(error)).toBe(true);
    expect(GatewayUnauthorizedError.isInstance(error)).toBe(false);
    expect(LobsterError.isInstance(error)).toBe(true);
  });

  it("does not take other errors for one", () => {
    const other = new LobsterError({ code: "ERR_X", message: "", hint: "", retryable: false });

    expect(OpenClawError.isInstance(other)).toBe(false);
    expect(OpenClawError.isInstance({ code: "ERR_GATEWAY_UNREACHABLE" })).toBe(false);
    expect(OpenClawError.isInstance(null)).toBe(false);
  });

  it("agrees with another copy of the package", async () => {
    vi.resetModules();
    const copy = await import("../index.ts");
    const theirs = new copy.RequestRefusedError({ status: 400, problem: null });

    expect(theirs).not.toBeInstanceOf(OpenClawError);
    expect(OpenClawError.isInstance(theirs)).toBe(true);
    expect(RequestRefusedError.isInstance(theirs)).toBe(true);
    expect(GatewayUnreachableError.isInstance(theirs)).toBe(false);
  });
});
