import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeEach, describe, expect, it } from "vitest";
import { createMockGateway } from "./mock-gateway.ts";
import type { MockReply } from "./reply.ts";
import type { MockGateway, MockRun } from "./types.ts";

/** Requests to and answers of the real gateway, recorded on loopback; its model was a deterministic one of ours. */
const folder = fileURLToPath(new URL("../../fixtures/openclaw-2026.9.6", import.meta.url));

/** What cannot be replayed, and why. */
const skipped: Record<string, string> = {
  "02-nonstream-again": "its model echoed words that the gateway had added",
  "34-tool-output-key": "its session has a turn that is skipped here",
  "40-image-b64": "its model echoed words that the gateway had added",
  "70-fail-502": "its agent was on hold",
  "72-drop": "its agent was on hold",
  "74-empty": "the gateway asked its model again",
  "74b-empty-stream": "the gateway asked its model again",
  "76-NO_REPLY": "the gateway asked its model again",
  "78-hang-provider-timeout5s": "the gateway asked its model again",
  "96-restart-session": "its model had been started anew",
  "97b-xff-trusted": "its gateway trusted a proxy",
  "98-timeout8-hang": "its gateway gave up after eight seconds",
  "98b-timeout8-hang-stream": "its gateway gave up after eight seconds",
  "ts-default-30-tool-call": "its gateway hid the tools of requests",
  "ts-default-32-tool-call-stream": "its gateway hid the tools of requests",
  "ts-default-33-tool-call-key": "its gateway hid the tools of requests",
};

const transcripts = readdirSync(folder)
  .toSorted()
  .map((name) => readTranscript(name.replace(/\.txt$/, ""), readFileSync(join(folder, name), "utf8")))
  .filter(({ name }) => skipped[name] === undefined);

const token = "lab-token-0123456789abcdef";
const gateway: MockGateway = createMockGateway({ token, reply: modelOfTheTranscripts });
/** The ids that the mock gave in place of recorded ones. */
const ids = new Map<string, string>();

describe("what openclaw@2026.9.6 was recorded to answer, the mock answers", () => {
  beforeEach(() => {
    gateway.agents = ["main"];
    gateway.responsesEnabled = true;
    gateway.rateLimitedSeconds = null;
  });

  it.each(transcripts)("$name", async ({ name, sent, headers, status, answered, body }) => {
    if (name.startsWith("92")) gateway.agents = ["main", "helper"];
    if (name.startsWith("93")) gateway.responsesEnabled = false;
    if (status === 429 && answered.has("retry-after"))
      gateway.rateLimitedSeconds = Number(answered.get("retry-after"));
    let request = sent;
    for (const [recorded, given] of ids) request = request.replaceAll(recorded, given);

    const response = await gateway.fetch("http://gateway.test/v1/responses", {
      method: "POST",
      headers,
      body: request,
    });
    const text = await response.text();
    rememberIds(body, text);

    expect(response.status).toBe(status);
    for (const header of ["content-type", "retry-after", "cache-control"])
      expect(response.headers.get(header)).toBe(answered.get(header));
    expect(settle(text)).toEqual(settle(body));
  });

  it("skips only what there is", () => {
    const names = readdirSync(folder).map((name) => name.replace(/\.txt$/, ""));
    expect(names).toEqual(expect.arrayContaining(Object.keys(skipped)));
  });
});

/** The model that the transcripts were recorded with, as far as its words are known. */
function modelOfTheTranscripts({ input, tools, turn, users }: MockRun): MockReply {
  const failed = /FAIL=(\d+)/.exec(input)?.[1];
  const heard = users.map((words) => words.replaceAll("\n", " ").slice(-60));
  const text = /SAY=(\S+)/.exec(input)?.[1] ?? `echo#${turn} users=[${heard.join(" | ")}]`;
  if (failed !== undefined) {
    const retryAfter = failed === "429" ? "; Retry-After: 1 seconds" : "";
    const message = `fake provider error ${failed}${retryAfter}`;
    return { fail: { provider: Number(failed), message } };
  }
  if (input.startsWith("CUT=")) return { text, fail: { provider: 408, afterDeltas: 1 } };
  const tool = tools.find(({ name }) => input.includes(`TOOL=${name}`));
  if (tool === undefined) return { text, truncated: input.startsWith("LENGTH") };
  return { toolCalls: [{ callId: `call_${turn}`, name: tool.name, arguments: '{"city":"Paris"}' }] };
}

/** Later requests quote ids of earlier answers. */
function rememberIds(recorded: string, given: string): void {
  for (const pattern of [/"(resp_[\w-]+)"/, /"call_id":"([^"]+)"/]) {
    const [old, own] = [pattern.exec(recorded)?.[1], pattern.exec(given)?.[1]];
    if (old !== undefined && own !== undefined) ids.set(old, own);
  }
}

/** Without ids, times and counts, and with the pieces of a text in one. */
function settle(body: string): string {
  return body
    .replaceAll(/"(?:resp|msg|call)_(?!id")[\w-]+"/g, '"ID"')
    .replaceAll(/"call_id":"[^"]*"/g, '"call_id":"ID"')
    .replaceAll(/Tool:(?!call_bogus)[\w-]+:/g, "Tool:ID:")
    .replaceAll(/"(created_at|\w+_tokens)":\d+/g, '"$1":0')
    .trim();
}

function readTranscript(name: string, text: string) {
  const match =
    /^>>> POST \/v1\/responses [^\n]*\n(?<sentHead>[\s\S]*?)\n\n(?<sent>[\s\S]*?)\n?\n<<< HTTP\/1\.1 (?<status>\d+) [^\n]*\n(?<head>[\s\S]*?)\n\n(?<body>[\s\S]*?)\n\n--- end/.exec(
      text,
    );
  if (match?.groups === undefined) throw new Error(`${name} is no transcript`);
  const { sentHead = "", sent = "", status, head = "", body = "" } = match.groups;
  return {
    name,
    sent,
    headers: headersOf(sentHead),
    status: Number(status),
    answered: headersOf(head),
    body,
  };
}

function headersOf(lines: string): Headers {
  const pairs = lines.split("\n").map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  return new Headers(
    pairs.filter(([header]) => !/^(connection|content-length|transfer-encoding)$/i.test(header)),
  );
}
