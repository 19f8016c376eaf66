import { expect } from "vitest";
import { describeGateway, newConversation, test } from "./fixture.ts";
import { clientSending, type RawRequest } from "./raw.ts";

const model = "openclaw/writer";
const input = "hello";
/** The body around some parts of a message. */
const withParts = (...content: object[]) => ({ model, input: [{ type: "message", role: "user", content }] });
const source = (type: string, media_type: string) => ({
  type,
  source: { type: "base64", media_type, data: "AAAA" },
});
/** Else they would say which agent is meant. */
const modelAlone = { "x-openclaw-agent-id": null, "x-openclaw-session-key": null };
const image = (url: string) => ({ type: "input_image", source: { type: "url", url } });

/** What the gateway does not take, and the beginning of what it says then. The client sends none of these by itself. */
const invalid: [what: string, request: RawRequest, says: string | RegExp][] = [
  ["no model", { body: { input } }, "model: Invalid input"],
  ["a model that is not openclaw", { body: { model: "gpt-4o", input } }, "Invalid `model`"],
  [
    "an agent that it does not have, in the model",
    { body: { model: "openclaw/nobody", input }, headers: modelAlone },
    "Unknown agent 'nobody'",
  ],
  [
    "an agent that it does not have, in a header",
    { headers: { "x-openclaw-agent-id": "nobody", "x-openclaw-session-key": null } },
    "Unknown agent 'nobody'",
  ],
  ["no agent where there are two", { body: { model: "openclaw", input }, headers: modelAlone }, "agent"],
  [
    "a default where there are two",
    { body: { model: "openclaw/default", input }, headers: modelAlone },
    "agent",
  ],
  ["no input", { body: { model } }, "input: Invalid input"],
  ["an input that is null", { body: { model, input: null } }, "input: Invalid input"],
  ["an input that is a number", { body: { model, input: 5 } }, "input: Invalid input"],
  ["an empty input", { body: { model, input: "" } }, "Missing user message in `input`"],
  ["an empty list", { body: { model, input: [] } }, "Missing user message in `input`"],
  [
    "a system message alone",
    { body: { model, input: [{ type: "message", role: "system", content: "be kind" }] } },
    "Missing user message in `input`",
  ],
  ["an item without type", { body: { model, input: [{ role: "user", content: input }] } }, "input: Invalid"],
  [
    "a role that nobody has",
    { body: { model, input: [{ type: "message", role: "wizard", content: input }] } },
    "input: Invalid input",
  ],
  [
    "an image as OpenAI wants it",
    { body: withParts({ type: "input_image", image_url: "data:image/png;base64,AAAA" }) },
    "input: Invalid input",
  ],
  [
    "a file as OpenAI wants it",
    { body: withParts({ type: "input_file", file_data: "AAAA", filename: "a.txt" }) },
    "input: Invalid input",
  ],
  ["an image of another kind", { body: withParts(source("input_image", "image/svg+xml")) }, "input: Invalid"],
  ["a file of another kind", { body: withParts(source("input_file", "application/zip")) }, "invalid request"],
  [
    "an image at a private address",
    { body: withParts(image("http://127.0.0.1:1/x.png")) },
    "invalid request",
  ],
  ["an image at no address", { body: withParts(image("https://example.invalid/x.png")) }, "invalid request"],
  [
    "nine addresses",
    { body: withParts(...Array.from({ length: 9 }, (_, at) => image(`https://example.invalid/${at}.png`))) },
    "invalid request",
  ],
  [
    "a key that it does not know",
    { body: { model, input, parallel_tool_calls: true } },
    /parallel_tool_calls/,
  ],
  ["a stream that is a text", { body: { model, input, stream: "yes" } }, "stream: Invalid input"],
  ["too high a temperature", { body: { model, input, temperature: 5 } }, "temperature: Too big"],
  ["no tokens at all", { body: { model, input, max_output_tokens: 0 } }, "max_output_tokens: Too small"],
  ["metadata that are no texts", { body: { model, input, metadata: { a: 1 } } }, "metadata"],
  ["a tool of its own kind", { body: { model, input, tools: [{ type: "web_search" }] } }, "tools.0.type"],
  [
    "a tool as chat completions have it",
    { body: { model, input, tools: [{ type: "function", function: { name: "a", parameters: {} } }] } },
    "tools.0.name",
  ],
  ...["subagent", "cron", "acp"].map((space): [string, RawRequest, string] => [
    `a session key in its own namespace ${space}:`,
    { headers: { "x-openclaw-session-key": `${space}:foo` } },
    "`x-openclaw-session-key` cannot use reserved",
  ]),
  ["a body that is no JSON", { body: "{" }, ""],
  ["an empty body", { body: "" }, "model: Invalid input"],
  ["a list as body", { body: [] }, /expected object/],
];

/** Whatever is wrong with it, it is wrong before an agent runs. */
const refusals: [what: string, request: RawRequest, error: object][] = [
  [
    "no token",
    { headers: { authorization: "" } },
    { code: "ERR_GATEWAY_UNAUTHORIZED", status: 401, gatewayType: "unauthorized" },
  ],
  [
    "a wrong token",
    { headers: { authorization: "Bearer wrong" } },
    { code: "ERR_GATEWAY_UNAUTHORIZED", status: 401, gatewayType: "unauthorized" },
  ],
  [
    "a password in place of a token",
    { headers: { authorization: `Basic ${btoa("a:b")}` } },
    { code: "ERR_GATEWAY_UNAUTHORIZED", status: 401, gatewayType: "unauthorized" },
  ],
  [
    "a proxy that it does not trust",
    { headers: { "x-forwarded-for": "203.0.113.9" } },
    {
      code: "ERR_REQUEST_REFUSED",
      status: 403,
      gatewayType: "proxy_attribution_required",
      blames: "gateway",
    },
  ],
  [
    "an address that it does not have",
    { path: "/v1/nope" },
    { code: "ERR_RESPONSES_DISABLED", status: 404, gatewayType: null },
  ],
  ...["GET", "PUT", "OPTIONS"].map((method): [string, RawRequest, object] => [
    method,
    { method, ...(method === "GET" ? { body: null } : {}) },
    { code: "ERR_REQUEST_REFUSED", status: 405, gatewayType: null, blames: "gateway" },
  ]),
  [
    "a body of 21 MB",
    { body: { model, input: "x".repeat(21 * 1024 * 1024) } },
    { code: "ERR_REQUEST_REFUSED", status: 413, blames: "request" },
  ],
];

describeGateway("what a real gateway refuses", () => {
  test.for(invalid)("400: %s", async ([, request, says], { gateway, models }) => {
    const before = models.calls.length;
    const creating = clientSending(gateway, request).responses.create({ ...newConversation(), input });

    await expect(creating).rejects.toMatchObject({
      code: "ERR_REQUEST_REFUSED",
      status: 400,
      gatewayType: "invalid_request_error",
      outcome: "refused",
      blames: "request",
      retryable: false,
      message: typeof says === "string" ? expect.stringContaining(says) : expect.stringMatching(says),
    });
    expect(models.calls).toHaveLength(before);
  });

  test.for(refusals)("%s", async ([, request, error], { gateway, models }) => {
    const before = models.calls.length;
    const creating = clientSending(gateway, request).responses.create({ ...newConversation(), input });

    await expect(creating).rejects.toMatchObject({ outcome: "refused", ...error });
    expect(models.calls).toHaveLength(before);
  });

  test("says so with a plain text and the method to use, not in its own shape, for 404 and 405", async ({
    gateway,
  }) => {
    const get = await fetch(`${gateway.url}/v1/responses`);
    expect([get.status, get.headers.get("allow"), await get.text()]).toEqual([
      405,
      "POST",
      "Method Not Allowed",
    ]);
    const nowhere = await fetch(`${gateway.url}/v1/nope`, { method: "POST" });
    expect([nowhere.status, await nowhere.text()]).toEqual([404, "Not Found"]);
  });
});
