import { InvalidInputError } from "@lobstercontrol/core";
import { createFakeClock } from "@lobstercontrol/core/testing";
import { describe, expect, it, vi } from "vitest";
import { deferred } from "./deferred.ts";
import { createMockGateway } from "./mock-gateway.ts";
import type { MockReply } from "./reply.ts";
import type { MockGateway } from "./types.ts";

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
    [{ model: "openclaw", input: "x", tool_choice: "required" }, "invalid tool configuration"],
    [
      {
        model: "openclaw",
        input: "x",
        tools: [{ type: "function", name: "a" }],
        tool_choice: { type: "function", name: "b" },
      },
      "invalid tool configuration",
    ],
    [
      { model: "openclaw", input: "x", parallel_tool_calls: true },
      ': Unrecognized key: "parallel_tool_calls"',
    ],
    [
      '{"model": "openclaw", ',
      "Expected double-quoted property name in JSON at position 21 (line 1 column 22)",
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

describe("profiles", () => {
  it("are all imitated by name, the first by default", () => {
    expect(() => createMockGateway({ profile: "openclaw-2026.9" })).not.toThrow();
    // @ts-expect-error -- there is no such profile
    expect(() => createMockGateway({ profile: "openclaw-2025.1" })).toThrow(InvalidInputError);
    // @ts-expect-error -- nor is this one
    expect(() => createMockGateway({ profile: "toString" })).toThrow(
      "profile: is none of these: openclaw-2026.9",
    );
  });
});

describe("with several agents", () => {
  const agents = ["a", "b"];

  it.each(["plain", "main", "agent:a", "agent:nope:k"])("stumbles over the key %s", async (key) => {
    const whole = await post(
      createMockGateway({ agents }),
      { model: "openclaw/a", input: "x" },
      { "x-openclaw-session-key": key },
    );
    expect(whole.status).toBe(500);
    expect(await whole.json()).toMatchObject({
      status: "failed",
      error: { code: "api_error", message: "internal error" },
    });

    const stream = await post(
      createMockGateway({ agents }),
      { model: "openclaw/a", input: "x", stream: true },
      { "x-openclaw-session-key": key },
    );
    expect(typesOf(await stream.text()).at(-1)).toBe("response.failed");
  });

  it("takes a key that names its agent, and lets it beat the model's", async () => {
    const gateway = createMockGateway({ agents });
    await post(gateway, { model: "openclaw/a", input: "x" }, { "x-openclaw-session-key": "agent:b:k" });

    expect([...gateway.sessions.keys()]).toEqual(["agent:b:k"]);
  });
});

describe("a session whose first run has not ended", () => {
  it("fails the others when asked to, and none once the first is over", async () => {
    const first = deferred<MockReply>();
    const gateway = createMockGateway({ reply: ({ input }) => (input === "one" ? first.promise : {}) });
    gateway.failsBesideFirst = true;
    const headers = { "x-openclaw-session-key": "k" };
    const one = post(gateway, { model: "openclaw", input: "one" }, headers);
    const two = await post(gateway, { model: "openclaw", input: "two" }, headers);
    const elsewhere = await post(gateway, { model: "openclaw", input: "three" });
    first.resolve({});

    expect([two.status, elsewhere.status, (await one).status]).toEqual([500, 200, 200]);
    const [four, five] = await Promise.all([
      post(gateway, { model: "openclaw", input: "four" }, headers),
      post(gateway, { model: "openclaw", input: "five" }, headers),
    ]);
    expect([four.status, five.status]).toEqual([200, 200]);
    expect(JSON.stringify(await five.json())).toContain("echo#3 users=[one | four | five]");
  });
});

describe("an agent that its provider refused", () => {
  it.each([
    [401, 60_000],
    [402, 600_000],
    [403, 60_000],
  ])("is on hold after a %i, for %i ms", async (provider, holdMs) => {
    const clock = createFakeClock();
    const asked: string[] = [];
    const gateway = createMockGateway({
      clock,
      agents: ["a", "b"],
      reply: ({ input }) => {
        asked.push(input);
        return input === "fail" ? { fail: { provider, message: "no" } } : {};
      },
    });
    const statusOf = async (agent: string, input: string, headers = {}) =>
      (await post(gateway, { model: `openclaw/${agent}`, input }, headers)).status;

    expect(await statusOf("a", "fail")).toBe(provider);
    expect(await statusOf("a", "held")).toBe(500);
    expect(await statusOf("b", "another agent")).toBe(200);
    expect(await statusOf("a", "another provider", { "x-openclaw-model": "other/model" })).toBe(200);
    clock.advance(holdMs - 1);
    expect(await statusOf("a", "still held")).toBe(500);
    clock.advance(1);
    expect(await statusOf("a", "free")).toBe(200);
    expect(asked).toEqual(["fail", "another agent", "another provider", "free"]);
  });

  it("is free after other failures", async () => {
    const gateway = createMockGateway({
      reply: ({ turn }) => (turn === 1 ? { fail: { provider: 429 } } : {}),
    });
    const ask = () => post(gateway, { model: "openclaw", input: "x", user: "u" });

    expect([(await ask()).status, (await ask()).status]).toEqual([429, 200]);
  });
});

describe("previous_response_id", () => {
  async function ask(gateway: MockGateway, fields: object = {}) {
    const response = await post(gateway, { model: "openclaw", input: "x", ...fields });
    const { id, output } = (await response.json()) as { id: string; output: unknown };
    return { id, turn: Number(/echo#(\d+)/.exec(JSON.stringify(output))?.[1]) };
  }

  it("is forgotten after half an hour", async () => {
    const clock = createFakeClock();
    const gateway = createMockGateway({ clock });
    const { id } = await ask(gateway);
    clock.advance(30 * 60_000);
    expect((await ask(gateway, { previous_response_id: id })).turn).toBe(2);
    clock.advance(1);
    expect((await ask(gateway, { previous_response_id: id })).turn).toBe(1);
  });

  it("is forgotten after 500 others, and for another token", async () => {
    const gateway = createMockGateway();
    const { id } = await ask(gateway);
    for (let others = 0; others < 499; others++) await ask(gateway);
    const second = await ask(gateway, { previous_response_id: id });
    expect(second.turn).toBe(2);
    expect((await ask(gateway, { previous_response_id: id })).turn).toBe(1);

    gateway.token = "another";
    expect((await ask(gateway, { previous_response_id: second.id })).turn).toBe(1);
  });
});

describe("tools", () => {
  const tools = [{ type: "function", name: "look", parameters: { type: "object" } }];

  it("are shown to the run, and one is called when it must be", async () => {
    const offered: unknown[] = [];
    const gateway = createMockGateway({
      reply: ({ tools: these }) => {
        offered.push(these);
        return {};
      },
    });
    const response = await post(gateway, { model: "openclaw", input: "x", tools, tool_choice: "required" });

    expect(offered).toEqual([tools]);
    expect(await response.json()).toMatchObject({
      output: [{ type: "function_call", name: "look", arguments: "{}" }],
    });
  });

  it("fail the run that calls none and must", async () => {
    const gateway = createMockGateway({ reply: () => ({ text: "no" }) });
    const response = await post(gateway, { model: "openclaw", input: "x", tools, tool_choice: "required" });

    expect(response.status).toBe(502);
  });

  it("leave no text beside a call", async () => {
    const gateway = createMockGateway({
      reply: () => ({ text: "I look.", toolCalls: [{ callId: "c", name: "look", arguments: "{}" }] }),
    });
    const body = { model: "openclaw", input: "x", tools };

    expect(await (await post(gateway, body)).text()).not.toContain("I look.");
    expect(await (await post(gateway, { ...body, stream: true })).text()).not.toContain("I look.");
  });
});

describe("a gateway that is not ready", () => {
  it("answers 503 to everything but its liveness", async () => {
    const gateway = createMockGateway();
    gateway.ready = false;
    const statusOf = async (path: string, init?: RequestInit) =>
      (await gateway.fetch(`http://gateway.test${path}`, init)).status;

    expect(await statusOf("/healthz")).toBe(200);
    for (const path of ["/readyz", "/startupz", "/v1/models", "/v1/responses"])
      expect(await statusOf(path)).toBe(503);
    expect(await statusOf("/nope")).toBe(404);
  });
});

it("measures a body in bytes", async () => {
  const gateway = createMockGateway();
  const post20MiB = (input: string) => post(gateway, { model: "openclaw", input, x: 1 });

  expect((await post20MiB("é".repeat(11 * 1024 * 1024))).status).toBe(413);
  expect((await post20MiB("e".repeat(11 * 1024 * 1024))).status).toBe(400);
});

it("hears of a client that leaves even if nobody holds its request", async () => {
  const gateway = createMockGateway({ reply: () => ({ hang: true }) });
  const client = new AbortController();
  const call = post(gateway, { model: "openclaw", input: "x" }, {}, { signal: client.signal });
  await vi.waitUntil(() => gateway.requests.length === 1);
  // Enough garbage for a collection.
  for (let round = 0; round < 50; round++) {
    void Array.from({ length: 100_000 }, () => ({}));
    await new Promise((resolve) => setTimeout(resolve));
  }
  client.abort();

  await expect(call).rejects.toMatchObject({ name: "AbortError" });
});
