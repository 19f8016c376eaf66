import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { answering, failureOf, hello } from "../test-client.ts";

/** Requests to and answers of the real gateway, recorded on loopback; its model was a deterministic one of ours. */
const folder = fileURLToPath(new URL("../../fixtures/openclaw-2026.9.6", import.meta.url));

interface Transcript {
  name: string;
  status: number;
  headers: [string, string][];
  body: string;
}

const transcripts = readdirSync(folder).map((name) =>
  readTranscript(name, readFileSync(join(folder, name), "utf8")),
);

/** What each answer must become that is not a reply. Whatever is not listed must be one. */
const failures: Record<string, readonly [code: string, outcome: string, names: readonly string[]]> = {
  unauthorized: [
    "ERR_GATEWAY_UNAUTHORIZED",
    "refused",
    ["50-wrong-token", "51-no-token", "51b-basic", "95-badauth"],
  ],
  limited: [
    "ERR_GATEWAY_RATE_LIMITED",
    "refused",
    [
      "95b-badauth-0",
      "95b-badauth-1",
      "95b-badauth-2",
      "95b-badauth-3",
      "95b-badauth-4",
      "95c-goodauth-during-lockout",
    ],
  ],
  off: ["ERR_RESPONSES_DISABLED", "refused", ["93-disabled", "93b-disabled-noauth", "93d-no-http-section"]],
  refused: ["ERR_REQUEST_REFUSED", "refused", ["94-xff-noproxy"]],
  failed: [
    "ERR_RUN_FAILED",
    "ran",
    [
      "17-session-otheragent",
      "37-tool-required-notcalled",
      "72-drop",
      "98-timeout8-hang",
      "98b-timeout8-hang-stream",
      "98e-cut-stream",
    ].concat(
      [400, 401, 402, 403, 404, 408, 413, 500, 502, 503, 529].map((status) => `70-fail-${status}`),
      ["99-noretry-500", "99b-noretry-429", "99c-noretry-500-stream", "99d-noretry-429-stream"],
    ),
  ],
};

describe("recorded answers of openclaw@2026.9.6", () => {
  it.each(transcripts)("$name", async ({ name, status, headers, body }) => {
    const client = answering(() => new Response(body, { status, headers }));
    const expected = Object.values(failures).find(([, , names]) => names.includes(name));
    const shapeA = /^\{"error":\{"message":"(?<message>.*)","type":"(?<type>\w+)"\}\}$/.exec(body);

    if (expected !== undefined) {
      const [code, outcome] = expected;
      expect(await failureOf(client.responses.create(hello))).toMatchObject({ code, outcome });
    } else if (shapeA?.groups?.["type"] === "invalid_request_error") {
      expect(await failureOf(client.responses.create(hello))).toMatchObject({
        code: "ERR_REQUEST_REFUSED",
        outcome: "refused",
        blames: "request",
        status: 400,
        gatewayType: "invalid_request_error",
      });
    } else {
      const text = lastText(body);
      expect(await client.responses.create(hello)).toMatchObject({
        id: expect.stringMatching(/^resp_/),
        status: body.includes('"status":"incomplete"') ? "incomplete" : "completed",
        text,
        usage: { totalTokens: expect.any(Number) },
      });
    }
  });

  it("name what the provider said, and the run that failed", async () => {
    const { status, headers, body } = named("70-fail-401");
    const client = answering(() => new Response(body, { status, headers }));

    expect(await failureOf(client.responses.create(hello))).toMatchObject({
      message: "The run failed: 401 fake provider error 401",
      gatewayType: "authentication_error",
      responseId: "resp_a7b8cfa5-1997-4d8a-b4b6-151b2803b70d",
      status: 401,
    });
  });

  it("tell how long a sign-in limit lasts", async () => {
    const { status, headers, body } = named("95c-goodauth-during-lockout");
    const client = answering(() => new Response(body, { status, headers }));

    expect((await failureOf(client.responses.create(hello))).retryAfterMs).toBe(5_000);
  });
});

function named(name: string): Transcript {
  const found = transcripts.find((transcript) => transcript.name === name);
  if (found === undefined) throw new Error(`no transcript ${name}`);
  return found;
}

/** The texts of the last response in the body, found without the client's help. */
function lastText(body: string): string {
  const json = body.startsWith("{")
    ? body
    : (/^event: response\.(?:completed|incomplete)\ndata: (.*)$/m.exec(body)?.[1] ?? "");
  const parts: string[] = [];
  JSON.parse(json, (name, value: unknown) => {
    if (name === "content" && Array.isArray(value)) for (const part of value) parts.push(String(part.text));
    return value;
  });
  return parts.join("");
}

function readTranscript(file: string, text: string): Transcript {
  const match =
    /^>>> POST \/v1\/responses [\s\S]*?\n<<< HTTP\/1\.1 (?<status>\d+) [^\n]*\n(?<headers>[\s\S]*?)\n\n(?<body>[\s\S]*?)\n\n--- end/.exec(
      text,
    );
  if (match?.groups === undefined) throw new Error(`${file} is no transcript`);
  const { status, headers = "", body = "" } = match.groups;
  return {
    name: file.replace(/\.txt$/, ""),
    status: Number(status),
    headers: headers
      .split("\n")
      .map((line): [string, string] => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)])
      .filter(([name]) => !/^(connection|content-length|transfer-encoding)$/i.test(name)),
    body,
  };
}
