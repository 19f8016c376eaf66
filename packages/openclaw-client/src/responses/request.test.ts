import { describe, expect, it } from "vitest";
import { z } from "zod";
import { agent, answering, failureOf, hello, inMemory, key } from "../test-client.ts";
import type { InputItem, ResponseRequest } from "./request.ts";

const weather = {
  name: "get_weather",
  description: "Get weather",
  parameters: z.object({ city: z.string(), unit: z.enum(["c", "f"]).nullable() }),
};

async function sent(
  request: Partial<ResponseRequest>,
): Promise<{ body: unknown; headers: Headers | undefined }> {
  const { client, gateway } = inMemory();
  await client.responses.create({ ...hello, ...request });
  return { body: JSON.parse(gateway.requests[0]?.body ?? ""), headers: gateway.requests[0]?.headers };
}

describe("what is sent", () => {
  it("has the gateway's names for everything", async () => {
    const { body, headers } = await sent({
      tools: [weather],
      toolChoice: { name: "get_weather" },
      maxOutputTokens: 33,
      temperature: 0.3,
      topP: 0.5,
      metadata: { ticket: "7" },
      previousResponseId: "resp_0",
      model: "openai/gpt-5",
      headers: { "x-proxy": "yes please" },
    });

    expect(body).toEqual({
      model: "openclaw/main",
      input: "Are you there?",
      tools: [
        {
          type: "function",
          name: "get_weather",
          description: "Get weather",
          strict: true,
          parameters: {
            type: "object",
            properties: {
              city: { type: "string" },
              unit: { anyOf: [{ type: "string", enum: ["c", "f"] }, { type: "null" }] },
            },
            required: ["city", "unit"],
            additionalProperties: false,
          },
        },
      ],
      tool_choice: { type: "function", name: "get_weather" },
      max_output_tokens: 33,
      temperature: 0.3,
      top_p: 0.5,
      metadata: { ticket: "7" },
      previous_response_id: "resp_0",
      stream: true,
    });
    expect(headers?.get("x-openclaw-model")).toBe("openai/gpt-5");
    expect(headers?.get("x-proxy")).toBe("yes please");
  });

  it("has items, images and files in the form of the transcripts 27, 31, 40 and 42", async () => {
    const source = { type: "base64", mediaType: "text/plain", data: "eA==", filename: "a.txt" } as const;
    const { body } = await sent({
      input: [
        { type: "message", role: "system", content: "be kind" },
        { type: "function_call", callId: "c1", name: "get_weather", arguments: "{}" },
        { type: "function_call_output", callId: "c1", output: "21C" },
        {
          type: "message",
          role: "user",
          content: [
            { type: "input_text", text: "look" },
            { type: "input_image", source: { type: "url", url: "https://x.test/a.png" } },
            { type: "input_file", source },
          ],
        },
      ],
    });

    expect(body).toMatchObject({
      input: [
        { type: "message", role: "system", content: "be kind" },
        { type: "function_call", call_id: "c1", name: "get_weather", arguments: "{}" },
        { type: "function_call_output", call_id: "c1", output: "21C" },
        {
          content: [
            { type: "input_text", text: "look" },
            { type: "input_image", source: { type: "url", url: "https://x.test/a.png" } },
            {
              type: "input_file",
              source: { type: "base64", media_type: "text/plain", data: "eA==", filename: "a.txt" },
            },
          ],
        },
      ],
    });
  });

  it("goes by user where there is no session key", async () => {
    const { client, gateway } = inMemory();
    await client.responses.create({ agent, user: "Bea", input: "x" });

    expect([...gateway.sessions.keys()]).toEqual(["agent:main:openresponses-user:bea"]);
  });
});

describe("what the gateway would refuse", () => {
  const message = { type: "message", role: "user", content: "x" };
  it.each<[field: string, request: object]>([
    ["request.temperature", { temperature: 2.1 }],
    ["request.topP", { topP: -1 }],
    ["request.maxOutputTokens", { maxOutputTokens: 0 }],
    ["request.maxOutputTokens", { maxOutputTokens: 1.5 }],
    ["request.metadata.a", { metadata: { a: 1 } }],
    ["request", { parallelToolCalls: true }],
    ["request.input", { input: "" }],
    ["request.input", { input: [] }],
    ["request.input", { input: 5 }],
    ["input", { input: [{ ...message, role: "system" }] }],
    ["input.0.type", { input: [{ role: "user", content: "x" }] }],
    ["input.1.role", { input: [message, { ...message, role: "robot" }] }],
    [
      "input.0.content.0",
      { input: [{ ...message, content: [{ type: "input_image", image_url: "canary" }] }] },
    ],
    ["sessionKey", { sessionKey: "Subagent:x" }],
    ["sessionKey", { sessionKey: "harness:x" }],
    ["sessionKey", { sessionKey: "agent:main:Cron:x" }],
    ["sessionKey", { sessionKey: "agent:canary:lobster:x" }],
    ["sessionKey", { sessionKey: "AGENT:canary:x" }],
    ["sessionKey", { user: "both" }],
    ["sessionKey", { sessionKey: undefined }],
    ["toolChoice", { tools: [weather], toolChoice: { name: "other" } }],
    ["toolChoice", { toolChoice: "required" }],
    ["tools.0.name", { tools: [{ ...weather, name: "" }] }],
    ["tools.0.parameters", { tools: [{ name: "t", parameters: z.object({ at: z.date() }) }] }],
    ["tools.0.parameters.a", { tools: [{ name: "t", parameters: z.object({ a: z.string().optional() }) }] }],
    ["tools.0.parameters", { tools: [{ name: "t", parameters: z.looseObject({}) }] }],
    ["headers.Authorization", { headers: { Authorization: "canary" } }],
    ["headers.Content-Length", { headers: { "Content-Length": "5" } }],
    ["headers.host", { headers: { host: "canary" } }],
    ["headers.x-a", { headers: { "x-a": "canary\r\nx-b: 1" } }],
  ])("is refused before the send, with its field: %s", async (field, request) => {
    const { client, gateway } = inMemory();
    const broken = { ...hello, sessionKey: key, ...request } as unknown as ResponseRequest;
    const failure = await client.responses.create(broken).catch((error: unknown) => error);

    expect(failure).toMatchObject({ code: "ERR_INVALID_INPUT" });
    expect(String(failure)).toContain(`${field}: `);
    expect(String(failure)).not.toContain("canary");
    await expect(client.responses.stream(broken).final()).rejects.toMatchObject({
      code: "ERR_INVALID_INPUT",
    });
    expect(gateway.requests).toEqual([]);
  });
});

describe("a session key", () => {
  it.each(["agent:Main:x", "AGENT:main:x", "thread:agent:other:x", "agent:main", "agent:main:x:cron:y"])(
    "may be %s for the agent main",
    async (sessionKey) => {
      const { client, gateway } = inMemory();
      await client.responses.create({ agent, sessionKey, input: "x" }).catch(() => {});
      expect(gateway.requests).toHaveLength(1);
    },
  );
});

describe("headers that belong to the connection", () => {
  it.each([
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
  ])("%s is refused before fetch does, which could not say that nothing ran", async (name) => {
    const { client, gateway } = inMemory();
    const call = client.responses.create({ ...hello, headers: { [name]: "1" } });
    await expect(call).rejects.toMatchObject({ code: "ERR_INVALID_INPUT" });
    expect(gateway.requests).toEqual([]);
  });
});

describe("promise 8: what was said is in no error", () => {
  it.each<[what: string, input: InputItem]>([
    ["a message", { type: "message", role: "user", content: "canary of a message" }],
    [
      "a part",
      { type: "message", role: "user", content: [{ type: "input_text", text: "canary of a message" }] },
    ],
    ["a tool's output", { type: "function_call_output", callId: "c", output: "canary of a message" }],
  ])("neither %s, nor headers, metadata and user", async (_what, input) => {
    const message =
      "saw canary of a message, header-canary-51ab20, metadata-canary-c0ffee, user-canary-7f3a9c";
    const client = answering(() => Response.json({ error: { message, type: "x" } }, { status: 400 }));
    const call = client.responses.create({
      agent,
      input: [input],
      user: "user-canary-7f3a9c",
      headers: { "x-a": "header-canary-51ab20" },
      metadata: { a: "metadata-canary-c0ffee" },
    });

    expect((await failureOf(call)).message).not.toContain("canary");
  });
});

describe("tools", () => {
  const call = { callId: "6c33d0fc5", name: "get_weather", arguments: '{"city":"Paris"}' };

  it("go round: a call comes back, and its output goes in", async () => {
    const { client, gateway } = inMemory({ reply: ({ turn }) => (turn === 1 ? { toolCalls: [call] } : {}) });
    const first = client.responses.stream({ ...hello, tools: [weather] });
    const items: unknown[] = [];
    for await (const event of first) if (event.type === "response.output_item.done") items.push(event.item);
    expect(items).toMatchObject([
      { type: "message", text: "" },
      { type: "function_call", ...call },
    ]);
    expect(await first.final()).toMatchObject({ text: "", toolCalls: [call] });

    await client.responses.create({
      ...hello,
      input: [{ type: "function_call_output", callId: call.callId, output: "21C" }],
    });
    expect([...gateway.sessions.values()][0]?.users[1]).toBe("Tool:6c33d0fc5: 21C");
  });
});
