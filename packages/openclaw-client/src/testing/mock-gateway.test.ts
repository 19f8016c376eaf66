import { describe, expect, it, vi } from "vitest";
import { deferred } from "./deferred.ts";
import { createMockGateway } from "./mock-gateway.ts";
import type { MockGateway, MockReply } from "./types.ts";

const url = "http://gateway.test/v1/responses";

function post(
  gateway: MockGateway,
  body: object | string,
  headers: Record<string, string> = {},
  init: RequestInit = {},
): Promise<Response> {
  return gateway.fetch(url, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.token}`, ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
    ...init,
  });
}

const typesOf = (stream: string): string[] =>
  [...stream.matchAll(/^event: (.*)$/gm)].map(([, type = ""]) => type);

describe("as the transcripts show", () => {
  it.each<[body: object | string, message: string]>([
    [{ input: "x" }, "model: Invalid input: expected string, received undefined"],
    ["", "model: Invalid input: expected string, received undefined"],
    [{ model: "openclaw" }, "input: Invalid input"],
    [{ model: "openclaw", input: 5 }, "input: Invalid input"],
    [{ model: "openclaw", input: "" }, "Missing user message in `input`."],
    [{ model: "gpt-4", input: "x" }, "Invalid `model`. Use `openclaw` or `openclaw/<agentId>`."],
    [{ model: "openclaw:nope", input: "x" }, "Unknown agent 'nope'."],
    [
      { model: "openclaw", input: "x", stream: "yes" },
      "stream: Invalid input: expected boolean, received string",
    ],
    [{ model: "openclaw", input: "x", temperature: 3 }, "temperature: Too big: expected number to be <=2"],
    [[], ": Invalid input: expected object, received array"],
    [
      { model: "openclaw", input: "x", parallel_tool_calls: true },
      ': Unrecognized key: "parallel_tool_calls"',
    ],
    [
      '{"model": "openclaw", ',
      "Expected double-quoted property name in JSON at position 22 (line 1 column 23)",
    ],
  ])("refuses %j", async (body, message) => {
    const response = await post(createMockGateway(), body);

    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ error: { message, type: "invalid_request_error" } });
  });

  it("refuses a wrong token, another method, and everything while it is off", async () => {
    const gateway = createMockGateway();
    const body = { model: "openclaw", input: "x" };

    const unauthorized = await post(gateway, body, { authorization: "Bearer wrong" });
    expect(unauthorized.status).toBe(401);
    expect(await unauthorized.json()).toEqual({ error: { message: "Unauthorized", type: "unauthorized" } });

    const get = await gateway.fetch(url);
    expect([get.status, get.headers.get("allow"), await get.text()]).toEqual([
      405,
      "POST",
      "Method Not Allowed",
    ]);

    gateway.responsesEnabled = false;
    const off = await post(gateway, body);
    expect([off.status, off.headers.get("content-type"), await off.text()]).toEqual([
      404,
      "text/plain; charset=utf-8",
      "Not Found",
    ]);
  });

  it("sends the events of 03-stream.txt, in their order", async () => {
    const stream = await (
      await post(createMockGateway(), { model: "openclaw", input: "x", stream: true })
    ).text();

    expect(typesOf(stream).filter((type, index, all) => all[index - 1] !== type)).toEqual([
      "response.created",
      "response.in_progress",
      "response.output_item.added",
      "response.content_part.added",
      "response.output_text.delta",
      "response.output_text.done",
      "response.content_part.done",
      "response.output_item.done",
      "response.completed",
    ]);
    expect(stream.endsWith("\n\ndata: [DONE]\n\n")).toBe(true);
  });

  it("ends a failed stream without any done", async () => {
    const gateway = createMockGateway({
      reply: () => ({ fail: { status: 500, code: "api_error", message: "no" } }),
    });
    const stream = await (await post(gateway, { model: "openclaw", input: "x", stream: true })).text();

    expect(typesOf(stream)).toEqual([
      "response.created",
      "response.in_progress",
      "response.output_item.added",
      "response.content_part.added",
      "response.failed",
    ]);
  });
});

describe("sessions", () => {
  it("remembers by the key in lower case, with its agent before it", async () => {
    const gateway = createMockGateway();
    await post(gateway, { model: "openclaw", input: "one" }, { "x-openclaw-session-key": "CaseKey-1" });
    const second = await post(
      gateway,
      { model: "openclaw", input: "two" },
      { "x-openclaw-session-key": "agent:main:casekey-1" },
    );

    expect(JSON.stringify(await second.json())).toContain("echo#2 users=[one | two]");
    expect([...gateway.sessions.keys()]).toEqual(["agent:main:casekey-1"]);
  });

  it("gives each call without a key a session of its own", async () => {
    const gateway = createMockGateway();
    await post(gateway, { model: "openclaw", input: "one" });
    await post(gateway, { model: "openclaw", input: "two" });

    expect(gateway.sessions.size).toBe(2);
  });

  it("lets the key beat the agent header, and that the model", async () => {
    const agents: string[] = [];
    const gateway = createMockGateway({
      agents: ["a", "b", "c"],
      reply: ({ agent }) => {
        agents.push(agent);
        return {};
      },
    });
    const body = { model: "openclaw/a", input: "x" };
    await post(gateway, body);
    await post(gateway, body, { "x-openclaw-agent-id": "b" });
    await post(gateway, body, { "x-openclaw-agent-id": "b", "x-openclaw-session-key": "agent:c:k" });

    expect(agents).toEqual(["a", "b", "c"]);
    expect((await post(gateway, { ...body, model: "openclaw" })).status).toBe(400);
    expect((await post(gateway, body, { "x-openclaw-session-key": "agent:nope:k" })).status).toBe(500);
    const both = { "x-openclaw-session-key": "agent:nope:k", "x-openclaw-agent-id": "nope" };
    expect((await post(gateway, body, both)).status).toBe(400);
  });

  it("runs one session's turns one after another, in the order of arrival, but opens every stream at once", async () => {
    const first = deferred<MockReply>();
    const begun: string[] = [];
    const gateway = createMockGateway({
      reply: ({ input }) => {
        begun.push(input);
        return input === "one" ? first.promise : {};
      },
    });
    const headers = { "x-openclaw-session-key": "k" };
    const body = { model: "openclaw", stream: true };
    const one = await post(gateway, { ...body, input: "one" }, headers);
    const two = await post(gateway, { ...body, input: "two" }, headers);
    const other = await post(gateway, { ...body, input: "other" }, { "x-openclaw-session-key": "other" });
    const reader = two.body?.pipeThrough(new TextDecoderStream()).getReader();
    let opened = "";
    while (typesOf(opened).length < 4) opened += (await reader?.read())?.value ?? "";

    expect(await other.text()).toContain("echo#1 users=[other]");
    expect(begun).toEqual(["one", "other"]);
    first.resolve({});
    await one.text();
    await vi.waitUntil(() => begun.includes("two"));
    await reader?.cancel();
  });

  it("goes on with the next turn when a client leaves, and records it", async () => {
    const gateway = createMockGateway({ reply: ({ input }) => (input === "one" ? { hang: true } : {}) });
    const headers = { "x-openclaw-session-key": "k" };
    const client = new AbortController();
    const one = post(gateway, { model: "openclaw", input: "one" }, headers, { signal: client.signal });
    const two = post(gateway, { model: "openclaw", input: "two" }, headers);
    await vi.waitUntil(() => gateway.requests.length === 2);
    client.abort();

    await expect(one).rejects.toMatchObject({ name: "AbortError" });
    // What the client that left had said is part of what the agent hears next.
    expect(JSON.stringify(await (await two).json())).toContain("users=[one | two]");
    expect(gateway.requests.map(({ aborted }) => aborted)).toEqual([true, false]);
  });
});
