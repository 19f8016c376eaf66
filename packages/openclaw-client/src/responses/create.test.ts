import { Secret } from "@lobstercontrol/core";
import { createFakeClock } from "@lobstercontrol/core/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createOpenClawClient } from "../client.ts";
import { agent, answering, failureOf, hello, inMemory, key } from "../test-client.ts";
import { deferred } from "../testing/deferred.ts";
import { listenMockGateway, type MockGatewayServer } from "../testing/listen-mock-gateway.ts";
import { createMockGateway } from "../testing/mock-gateway.ts";
import type { OpenClawClient } from "../types.ts";

const uuid = "00000000-0000-4000-8000-000000000001";

describe("over HTTP", () => {
  const gateway = createMockGateway({ token: "right" });
  let server: MockGatewayServer;
  let client: OpenClawClient;

  beforeEach(async () => {
    server = await listenMockGateway(gateway);
    client = createOpenClawClient({ baseUrl: server.url, token: new Secret("right") });
    gateway.requests.length = 0;
    gateway.sessions.clear();
    gateway.reply = () => ({});
  });
  afterEach(() => server.close());

  it("gives what the agent said, and what it cost", async () => {
    expect(await client.responses.create(hello)).toEqual({
      id: `resp_${uuid}`,
      status: "completed",
      text: "echo#1 users=[Are you there?]",
      incompleteReason: null,
      usage: { inputTokens: 11, outputTokens: 7, totalTokens: 18 },
      model: "openclaw/main",
      toolCalls: [],
    });
  });

  it("sends what the gateway routes by, and always asks for a stream", async () => {
    await client.responses.create({ ...hello, instructions: "Be brief." });

    const [request] = gateway.requests;
    expect(JSON.parse(request?.body ?? "")).toEqual({
      model: "openclaw/main",
      input: "Are you there?",
      instructions: "Be brief.",
      stream: true,
    });
    expect(request?.headers.get("authorization")).toBe("Bearer right");
    expect(request?.headers.get("content-type")).toBe("application/json");
    expect(request?.headers.get("x-openclaw-agent-id")).toBe("main");
    expect(request?.headers.get("x-openclaw-session-key")).toBe(key);
  });

  it("says which limit cut a reply", async () => {
    gateway.reply = () => ({ text: "half", truncated: true });

    expect(await client.responses.create(hello)).toMatchObject({
      status: "incomplete",
      text: "half",
      incompleteReason: "max_output_tokens",
    });
  });

  it("keeps a reply of a megabyte whole, whatever its characters", async () => {
    const text = "Ω🦞".repeat(200_000);
    gateway.reply = () => ({ text });

    expect((await client.responses.create(hello)).text).toBe(text);
  });

  it("tells the gateway when the caller aborts", async () => {
    const controller = new AbortController();
    const running = deferred<AbortSignal>();
    gateway.reply = ({ signal }) => {
      running.resolve(signal);
      return { hang: true };
    };
    const failure = failureOf(client.responses.create({ ...hello, signal: controller.signal }));
    const signal = await running.promise;
    const stopped = new Promise((resolve) => signal.addEventListener("abort", resolve));
    controller.abort();

    expect(await failure).toMatchObject({ code: "ERR_RUN_ABORTED", outcome: "maybeRan" });
    await stopped;
    expect(gateway.requests[0]?.aborted).toBe(true);
  });
});

describe("promise 6: a POST that may have run is never repeated", () => {
  it.each([
    ["a cut connection", { cutAfterBytes: 0 }],
    ["a cut stream", { cutAfterBytes: 1_000 }],
    ["a failed run", { fail: { status: 500, code: "api_error", message: "internal error" } }],
    ["a 503", { status: 503, body: "" }],
    ["a 429 that tells no time", { status: 429, body: "" }],
    ["a redirect", { status: 307, body: "", headers: { location: "http://elsewhere.test/" } }],
  ])("after %s", async (_name, reply) => {
    const gateway = createMockGateway({ reply: () => reply });
    const server = await listenMockGateway(gateway);
    const client = createOpenClawClient({ baseUrl: server.url, token: gateway.token });

    await failureOf(client.responses.create(hello));

    expect(gateway.requests).toHaveLength(1);
    await server.close();
  });
});

describe("time and signals", () => {
  it("gives up after timeoutMs, and names the run", async () => {
    const clock = createFakeClock();
    const seen = deferred();
    const { client, gateway } = inMemory({}, { clock });
    gateway.reply = ({ signal }) => {
      signal.addEventListener("abort", () => seen.resolve());
      return { hang: true };
    };
    const failure = failureOf(client.responses.create({ ...hello, timeoutMs: 90_000 }));
    await vi.waitUntil(() => gateway.requests.length === 1);
    // In memory, one turn of the event loop is enough for the opening events to be read.
    await new Promise((resolve) => setTimeout(resolve));
    clock.advance(89_999);
    expect(gateway.requests[0]?.aborted).toBe(false);
    clock.advance(1);

    expect(await failure).toMatchObject({
      code: "ERR_RUN_TIMEOUT",
      outcome: "maybeRan",
      responseId: `resp_${uuid}`,
    });
    await seen.promise;
  });

  it("waits for ten minutes by default", async () => {
    const clock = createFakeClock();
    const { client, gateway } = inMemory({ reply: () => ({ hang: true }) }, { clock });
    const settled = vi.fn<() => void>();
    const failure = failureOf(client.responses.create(hello)).finally(settled);
    await vi.waitUntil(() => gateway.requests.length === 1);
    clock.advance(10 * 60_000 - 1);
    await Promise.resolve();
    expect(settled).not.toHaveBeenCalled();
    clock.advance(1);

    expect((await failure).code).toBe("ERR_RUN_TIMEOUT");
  });

  it("sends nothing when it is aborted beforehand", async () => {
    const { client, gateway } = inMemory();

    const failure = await failureOf(client.responses.create({ ...hello, signal: AbortSignal.abort() }));

    expect(failure).toMatchObject({ code: "ERR_RUN_ABORTED", outcome: "notSent" });
    expect(gateway.requests).toEqual([]);
  });

  it("ends even when fetch does not listen to the signal", async () => {
    const controller = new AbortController();
    const client = answering(() => new Promise<Response>(() => {}));
    const failure = failureOf(client.responses.create({ ...hello, signal: controller.signal }));
    controller.abort();

    expect((await failure).code).toBe("ERR_RUN_ABORTED");
  });

  it("leaves no timer and no listener behind", async () => {
    const clock = createFakeClock();
    const { client } = inMemory({}, { clock });
    const { signal } = new AbortController();
    const add = vi.spyOn(signal, "addEventListener");
    const remove = vi.spyOn(signal, "removeEventListener");

    await client.responses.create({ ...hello, signal });

    expect(clock.waiting()).toBe(0);
    expect(remove).toHaveBeenCalledTimes(add.mock.calls.length);
  });
});

describe("answers of every kind", () => {
  const ended = { id: "resp_1", status: "completed", model: "openclaw/main", output: [] };
  const events = (...data: unknown[]): Response =>
    new Response(data.map((value) => `data: ${JSON.stringify(value)}\n\n`).join(""), {
      headers: { "content-type": "text/event-stream" },
    });

  it("understands whole JSON in place of a stream", async () => {
    const client = answering(() => Response.json({ ...ended, output: [message("one"), message(" two")] }));

    expect((await client.responses.create(hello)).text).toBe("one two");
  });

  it("falls back on the deltas when the response has no text", async () => {
    const delta = (text: string): object => ({ type: "response.output_text.delta", delta: text });
    const client = answering(() =>
      events(delta("so "), delta("far"), { type: "response.completed", response: ended }),
    );

    expect((await client.responses.create(hello)).text).toBe("so far");
  });

  it("does not wait for ever for the end of a stream whose run has ended", async () => {
    const clock = createFakeClock();
    const cancelled = deferred();
    const text = `data: ${JSON.stringify({ type: "response.completed", response: ended })}\n\n`;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(text)),
      cancel: () => cancelled.resolve(),
    });
    const client = createOpenClawClient({
      baseUrl: "http://gateway.test",
      token: "t",
      clock,
      fetch: async () => new Response(body, { headers: { "content-type": "text/event-stream" } }),
    });
    const result = client.responses.create(hello);
    // The run's own time, and the second that is given to the farewell.
    await vi.waitUntil(() => clock.waiting() === 2);
    clock.advance(1_000);

    expect((await result).id).toBe("resp_1");
    await cancelled.promise;
  });

  it("refuses an event of more than 16 Mi characters, in one piece or in many", async () => {
    const piece = new TextEncoder().encode("x".repeat(1024 * 1024));
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode("data: ")),
      pull(controller) {
        sent++;
        controller.enqueue(piece);
      },
    });
    const inPieces = answering(
      () => new Response(endless, { headers: { "content-type": "text/event-stream" } }),
    );
    const atOnce = answering(() => events("x".repeat(17 * 1024 * 1024)));

    for (const client of [inPieces, atOnce])
      expect(await failureOf(client.responses.create(hello))).toMatchObject({
        code: "ERR_REPLY_TOO_LARGE",
        outcome: "maybeRan",
      });
    expect(sent).toBeLessThan(20);
  });

  it("refuses deltas of more than 32 Mi characters together", async () => {
    const delta = new TextEncoder().encode(
      `data: ${JSON.stringify({ type: "response.output_text.delta", delta: "x".repeat(4 * 1024 * 1024) })}\n\n`,
    );
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent++;
        controller.enqueue(delta);
      },
    });
    const client = answering(
      () => new Response(endless, { headers: { "content-type": "text/event-stream" } }),
    );

    expect((await failureOf(client.responses.create(hello))).code).toBe("ERR_REPLY_TOO_LARGE");
    expect(sent).toBeLessThan(16);
  });

  it("refuses a whole answer of more than 16 Mi characters", async () => {
    const client = answering(() => new Response("x".repeat(17 * 1024 * 1024)));

    expect((await failureOf(client.responses.create(hello))).code).toBe("ERR_REPLY_TOO_LARGE");
  });

  function message(text: string): object {
    return { type: "message", content: [{ type: "output_text", text }] };
  }
});

describe("what cannot be sent", () => {
  it.each([
    ["a token that no header carries", { token: "canary-\n-canary" }],
    ["an empty token", { token: "" }],
    ["an address that is none", { baseUrl: "gateway" }],
    ["an address with credentials", { baseUrl: "http://user:canary@gateway.test" }],
    ["an address of another kind", { baseUrl: "file:///canary" }],
  ])("refuses %s without repeating it", (_name, options) => {
    const make = (): OpenClawClient =>
      createOpenClawClient({ baseUrl: "http://gateway.test", token: "t", ...options });

    expect(make).toThrow(expect.objectContaining({ code: "ERR_INVALID_INPUT" }));
    expect(make).not.toThrow(/canary/);
  });

  it("refuses a session key that no header carries", async () => {
    const { client, gateway } = inMemory();
    const broken = `${key}\r\nx-evil: 1` as typeof key;

    await expect(client.responses.create({ ...hello, sessionKey: broken })).rejects.toMatchObject({
      code: "ERR_INVALID_INPUT",
    });
    expect(gateway.requests).toEqual([]);
  });
});

it("keeps the path of baseUrl", async () => {
  const { client, gateway } = inMemory({}, { baseUrl: "http://proxy.test/tenants/acme/" });

  await failureOf(client.responses.create({ agent, sessionKey: key, input: "x" }));

  expect(gateway.requests[0]?.path).toBe("/tenants/acme/v1/responses");
});
