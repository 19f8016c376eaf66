import { createFakeClock } from "@lobstercontrol/core/testing";
import { afterAll, describe, expect, it, vi } from "vitest";
import { listenMockGateway, type MockGatewayServer } from "./listen-mock-gateway.ts";
import { createMockGateway } from "./mock-gateway.ts";
import type { MockReply } from "./reply.ts";
import type { MockGateway } from "./types.ts";

const words = "Grüße, 世界 🦞";
const servers: MockGatewayServer[] = [];
afterAll(() => Promise.all(servers.map((server) => server.close())));

type Send = (body: object, init?: RequestInit) => Promise<Response>;

/** The ways to a mock gateway: its `fetch`, and a server on loopback. */
const ways: [name: string, open: (gateway: MockGateway) => Promise<Send>][] = [
  ["in memory", async (gateway) => sender("http://gateway.test", gateway.fetch, gateway.token)],
  [
    "over a server",
    async (gateway) => {
      const server = await listenMockGateway(gateway);
      servers.push(server);
      return sender(server.url, fetch, gateway.token);
    },
  ],
];

function sender(url: string, fetchIt: typeof fetch, token: string): Send {
  return (body, init) =>
    fetchIt(`${url}/v1/responses`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "x-openclaw-session-key": "k" },
      body: JSON.stringify({ model: "openclaw", input: "x", ...body }),
      ...init,
    });
}

const stream = { stream: true };
const bytesOf = async (response: Response): Promise<Uint8Array> =>
  new Uint8Array(await response.arrayBuffer());
const typesOf = (text: string): string[] =>
  [...text.matchAll(/^event: (.*)$/gm)].map(([, type = ""]) => type);

/** What comes of a body, and how it ends. */
async function piecesOf(response: Response): Promise<{ pieces: Uint8Array[]; error: unknown }> {
  const pieces: Uint8Array[] = [];
  try {
    for await (const piece of response.body ?? []) pieces.push(piece);
  } catch (error) {
    return { pieces, error };
  }
  return { pieces, error: null };
}

const lengthOf = (pieces: readonly Uint8Array[]): number =>
  pieces.reduce((sum, { length }) => sum + length, 0);
const joined = (pieces: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(pieces.flatMap((piece) => [...piece]));

describe.each(ways)("faults %s", (_way, open) => {
  async function openWith(reply: MockReply, options: { later?: boolean } = {}) {
    const gateway = createMockGateway({
      // Later than the opening of the stream, as in a session that is busy.
      reply: () =>
        options.later === true ? new Promise((resolve) => setTimeout(() => resolve(reply), 5)) : reply,
    });
    return { gateway, send: await open(gateway) };
  }

  /** The bytes that would come without a fault: ids count up alike, and the clock stands still for a second. */
  async function faultless(text: string, body: object = stream): Promise<Uint8Array> {
    const gateway = createMockGateway({ reply: () => ({ text }), clock: createFakeClock() });
    return bytesOf(await (await open(gateway))(body));
  }

  it.each([0, 1, 393, 394, 395, 1_300])("cuts a stream after %i bytes", async (cutAfterBytes) => {
    const { send, gateway } = await openWith({ text: words, cutAfterBytes });
    if (cutAfterBytes === 0) {
      await expect(send(stream)).rejects.toThrow(TypeError);
    } else {
      const { pieces, error } = await piecesOf(await send(stream));
      expect(lengthOf(pieces)).toBe(cutAfterBytes);
      expect(error).toBeInstanceOf(Error);
    }
    // The cut ends the run, and it was not the client's.
    expect(gateway.requests[0]?.aborted).toBe(false);
    expect(gateway.sessions.get("agent:main:k")?.replies).toEqual([]);
  });

  it("cuts whole JSON, and a stream whose script comes late", async () => {
    const whole = await openWith({ text: words, cutAfterBytes: 100 });
    expect(lengthOf((await piecesOf(await whole.send({}))).pieces)).toBe(100);

    const late = await openWith({ text: words, cutAfterBytes: 1_300 }, { later: true });
    const { pieces, error } = await piecesOf(await late.send(stream));
    expect(lengthOf(pieces)).toBe(1_300);
    expect(error).toBeInstanceOf(Error);
  });

  it("does not cut what is not longer", async () => {
    const { send } = await openWith({ text: words, cutAfterBytes: 100_000 });
    const text = await (await send(stream)).text();

    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
  });

  it.each([stream, {}])("stalls after so many bytes, until the client goes: %j", async (body) => {
    const { send, gateway } = await openWith({ text: words, stallAfterBytes: 300 });
    const client = new AbortController();
    const response = await send(body, { signal: client.signal });
    const reader = response.body?.getReader();
    let read = 0;
    while (read < 300) read += (await reader?.read())?.value?.length ?? 0;
    const more = reader?.read();
    const ended = vi.fn<() => void>();
    void more?.then(ended, ended);
    await new Promise((resolve) => setTimeout(resolve, 20));

    expect(read).toBe(300);
    expect(ended).not.toHaveBeenCalled();
    client.abort();
    await expect(more).rejects.toMatchObject({ name: "AbortError" });
    await vi.waitUntil(() => gateway.requests[0]?.aborted === true);
  });

  it("lets the next run of the session begin after a stall", async () => {
    const { send, gateway } = await openWith({ stallAfterBytes: 0 });
    const client = new AbortController();
    await send(stream, { signal: client.signal });
    gateway.reply = () => ({});
    const next = send({});
    client.abort();

    expect((await next).status).toBe(200);
  });

  it.each([1, 7, 1_000, [3, 390, 1, 2]])(
    "splits after %j bytes, within characters, too",
    async (splitAfterBytes) => {
      const expected = await faultless(words);
      const { send } = await openWith({ text: words, splitAfterBytes });
      const { pieces } = await piecesOf(await send(stream));

      const sizes = typeof splitAfterBytes === "number" ? [] : splitAfterBytes;
      const usual = typeof splitAfterBytes === "number" ? splitAfterBytes : Infinity;
      expect(pieces.slice(0, -1).map(({ length }) => length)).toEqual(
        pieces.slice(0, -1).map((_, index) => sizes[index] ?? usual),
      );
      expect(withoutTimes(joined(pieces))).toBe(withoutTimes(expected));
    },
  );

  it("splits whole JSON, and what follows on the opening when the script comes late", async () => {
    const whole = await openWith({ text: words, splitAfterBytes: 1 });
    const { pieces } = await piecesOf(await whole.send({}));
    expect(new Set(pieces.map(({ length }) => length))).toEqual(new Set([1]));
    expect(withoutTimes(joined(pieces))).toContain(words);

    const late = await openWith({ text: words, splitAfterBytes: 1 }, { later: true });
    const lengths = (await piecesOf(await late.send(stream))).pieces.map(({ length }) => length);
    expect(lengths[0]).toBeGreaterThan(1);
    expect(new Set(lengths.slice(4))).toEqual(new Set([1]));
  });

  it("splits, and cuts in the end", async () => {
    const { send } = await openWith({ text: words, splitAfterBytes: 100, cutAfterBytes: 250 });
    const { pieces, error } = await piecesOf(await send(stream));

    expect(pieces.map(({ length }) => length)).toEqual([100, 100, 50]);
    expect(error).toBeInstanceOf(Error);
  });

  it("puts garbage before an event, or in its place", async () => {
    const blocks = async (reply: MockReply, body: object = stream) => {
      const { send } = await openWith({ text: words, ...reply });
      return (await (await send(body)).text()).split("\n\n");
    };
    const usual = await blocks({});
    const before = await blocks({ garbageBeforeEvent: 4 });
    expect(before).toHaveLength(usual.length + 1);
    expect(before[4]).toBe('data: {"type":\uFFFD\uFFFD\uFFFD');
    expect(before[5]).toContain("output_text.delta");

    const instead = await blocks({ garbageInsteadOfEvent: 0, garbage: "<html>\n\n" });
    expect(instead).toHaveLength(usual.length);
    expect(instead[0]).toBe("<html>");
    expect(await blocks({ garbageInsteadOfEvent: 0, garbage: "{]" }, {})).toEqual(["{]"]);
  });

  it("counts the events of the opening when the script comes late", async () => {
    const { send } = await openWith({ text: words, garbageInsteadOfEvent: 4 }, { later: true });

    expect(typesOf(await (await send(stream)).text()).slice(3, 6)).toEqual([
      "response.content_part.added",
      "response.output_text.done",
      "response.content_part.done",
    ]);
  });

  it("fails after some deltas", async () => {
    const { send } = await openWith({ text: "x".repeat(30), fail: { provider: 500, afterDeltas: 2 } });

    expect(typesOf(await (await send(stream)).text()).slice(4)).toEqual([
      "response.output_text.delta",
      "response.output_text.delta",
      "response.failed",
    ]);
  });

  it("answers whole where a stream was asked for", async () => {
    const { send } = await openWith({ text: words, stream: false });
    const response = await send(stream);

    expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(await response.json()).toMatchObject({ status: "completed" });
  });

  it("says another content type than it sends", async () => {
    const { send } = await openWith({ headers: { "content-type": "text/html" } });
    const response = await send(stream);

    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/html"]);
    expect(await response.text()).toContain("response.completed");
  });

  it.each([
    [{ status: 401 }, "unauthorized", null],
    [{ status: 403 }, "proxy_attribution_required", null],
    [{ status: 413 }, "invalid_request_error", null],
    [{ status: 429, retryAfterSeconds: 5 }, "rate_limited", "5"],
    [{ status: 503 }, "service_unavailable", "1"],
    [{ status: 503, retryAfterSeconds: 30 }, "service_unavailable", "30"],
  ] as const)("refuses with %j", async (refuse, type, retryAfter) => {
    const { send, gateway } = await openWith({ refuse });
    const response = await send(stream);

    expect([response.status, response.headers.get("retry-after")]).toEqual([refuse.status, retryAfter]);
    expect(await response.json()).toMatchObject({ error: { type } });
    expect(gateway.sessions.get("agent:main:k")?.replies).toEqual([]);
  });

  it("refuses in words of the test", async () => {
    const { send } = await openWith({ refuse: { status: 400, message: "Unknown agent 'nope'." } });

    expect(await (await send({})).json()).toEqual({
      error: { message: "Unknown agent 'nope'.", type: "invalid_request_error" },
    });
  });

  it("cuts the connection when a stream is open and a refusal comes", async () => {
    const { send } = await openWith({ refuse: { status: 503 } }, { later: true });
    const { pieces, error } = await piecesOf(await send(stream));

    expect(typesOf(new TextDecoder().decode(joined(pieces)))).toHaveLength(4);
    expect(error).toBeInstanceOf(Error);
  });
});

const withoutTimes = (bytes: Uint8Array): string =>
  new TextDecoder().decode(bytes).replaceAll(/"created_at":\d+/g, "");
