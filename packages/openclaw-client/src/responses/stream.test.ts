import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createFakeClock } from "@lobstercontrol/core/testing";
import * as fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { LobsterError } from "@lobstercontrol/core";
import { createOpenClawClient } from "../client.ts";
import { answering, failureOf, hello, inMemory } from "../test-client.ts";
import { deferred } from "../testing/deferred.ts";
import type { ResponseEvent, ResponseStream } from "./events.ts";

const folder = fileURLToPath(new URL("../../fixtures/openclaw-2026.9.6", import.meta.url));
const eventStream = { headers: { "content-type": "text/event-stream" } };

/** The bodies of all recorded streams. */
const recorded = readdirSync(folder).flatMap((name) => {
  const body = /\n(?<body>event: [\s\S]*?\n\n)\n*--- end/.exec(readFileSync(`${folder}/${name}`, "utf8"));
  return body?.groups?.["body"] === undefined ? [] : [{ name, body: body.groups["body"] }];
});

async function collect(stream: ResponseStream): Promise<{ events: ResponseEvent[]; error: unknown }> {
  const events: ResponseEvent[] = [];
  try {
    for await (const event of stream) events.push(event);
    return { events, error: null };
  } catch (error) {
    return { events, error };
  }
}

describe("responses.stream", () => {
  it("gives the events in their order, and then the reply", async () => {
    const { client } = inMemory({ reply: () => ({ text: "On it." }) });
    const stream = client.responses.stream(hello);
    const { events } = await collect(stream);

    expect(events.map(({ type }) => type)).toEqual([
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
    expect(events.at(-1)).toEqual({ type: "response.completed", response: await stream.final() });
    expect((await stream.final()).text).toBe("On it.");
  });

  it("gives the text alone, also when the answer came whole", async () => {
    const whole = {
      id: "resp_1",
      status: "completed",
      output: [{ type: "message", content: [{ type: "output_text", text: "all at once" }] }],
    };
    for (const [client, text] of [
      [
        inMemory({ reply: () => ({ text: "more than one delta of it" }) }).client,
        "more than one delta of it",
      ],
      [answering(() => Response.json(whole)), "all at once"],
    ] as const) {
      const stream = client.responses.stream(hello);
      let said = "";
      for await (const piece of stream.text) said += piece;
      expect(said).toBe(text);
      expect((await stream.final()).text).toBe(text);
    }
  });

  it("makes one completed event of a whole answer", async () => {
    const client = answering(() => Response.json({ id: "resp_1", status: "completed" }));
    const { events } = await collect(client.responses.stream(hello));

    expect(events.map(({ type }) => type)).toEqual(["response.completed"]);

    const error = { code: "api_error", message: "no" };
    const failed = answering(() => Response.json({ id: "resp_1", status: "failed", error }));
    expect((await collect(failed.responses.stream(hello))).events).toMatchObject([
      { type: "response.failed" },
    ]);
  });

  it("passes on what it does not know, and skips what is no event", async () => {
    const lines = ['{"type":"response.new","x":1}', "5", "{", '{"type":"response.output_text.delta"}'];
    const body = lines.map((line) => `data: ${line}\n\n`).join("");
    const { events, error } = await collect(
      answering(() => new Response(body, eventStream)).responses.stream(hello),
    );

    expect(events).toEqual([
      { type: "unknown", data: { type: "response.new", x: 1 } },
      { type: "unknown", data: { type: "response.output_text.delta" } },
    ]);
    expect(error).toMatchObject({ code: "ERR_CONNECTION_CUT" });
  });

  it("shares its events among all who read at once, and loses none", async () => {
    const deltas = ["a", "b", "c", "d", "e"].map((delta) => ({ type: "response.output_text.delta", delta }));
    const ending = { type: "response.completed", response: { id: "resp_1", status: "completed" } };
    const chunks = [deltas.slice(0, 3), deltas.slice(3), [ending]].map((events) =>
      events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(""),
    );
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve));
        const chunk = chunks.shift();
        if (chunk === undefined) controller.close();
        else controller.enqueue(new TextEncoder().encode(chunk));
      },
    });
    const stream = answering(() => new Response(body, eventStream)).responses.stream(hello);
    const events = stream[Symbol.asyncIterator]();
    const read = await Promise.all(Array.from({ length: 8 }, () => events.next()));

    expect(
      read.map(({ value }) => (value?.type === "response.output_text.delta" ? value.delta : value?.type)),
    ).toEqual(["a", "b", "c", "d", "e", "response.completed", undefined, undefined]);
  });

  it("throws a failure from the loop and from final, after its event", async () => {
    const fail = { status: 500, code: "api_error", message: "no" };
    const stream = inMemory({ reply: () => ({ fail }) }).client.responses.stream(hello);
    const { events, error } = await collect(stream);

    expect(error).toMatchObject({ code: "ERR_RUN_FAILED" });
    expect(events.at(-1)).toEqual({ type: "response.failed", error });
    expect(await failureOf(stream.final())).toBe(error);
  });

  it("aborts the run when the loop is left", async () => {
    const stopped = deferred();
    const { client, gateway } = inMemory();
    gateway.reply = ({ signal }) => {
      signal.addEventListener("abort", () => stopped.resolve());
      return { hang: true };
    };
    const stream = client.responses.stream(hello);
    for await (const event of stream) if (event.type === "response.created") break;

    await stopped.promise;
    expect(gateway.requests[0]?.aborted).toBe(true);
    expect(await stream[Symbol.asyncIterator]().next()).toEqual({ done: true, value: undefined });
    expect(await failureOf(stream.final())).toMatchObject({ code: "ERR_RUN_ABORTED", outcome: "maybeRan" });
  });

  it("throws a cut connection from both, too", async () => {
    const stream = answering(() => new Response("", eventStream)).responses.stream(hello);
    const { error } = await collect(stream);

    expect(error).toMatchObject({ code: "ERR_CONNECTION_CUT" });
    expect(await failureOf(stream.final())).toBe(error);
  });

  it("can be left while an event is waited for", async () => {
    const { client, gateway } = inMemory({ reply: () => ({ hang: true }) });
    const events = client.responses.stream(hello)[Symbol.asyncIterator]();
    for (let opening = 0; opening < 4; opening++) await events.next();
    const waiting = events.next();
    await events.return?.();

    await expect(waiting).rejects.toMatchObject({ code: "ERR_RUN_ABORTED" });
    expect(gateway.requests[0]?.aborted).toBe(true);
  });

  it("ends with abort(), and sends nothing when that came first", async () => {
    const { client, gateway } = inMemory({ reply: () => ({ hang: true }) });
    const early = client.responses.stream(hello);
    early.abort();
    expect(await failureOf(early.final())).toMatchObject({ code: "ERR_RUN_ABORTED", outcome: "notSent" });
    expect(gateway.requests).toEqual([]);

    const late = client.responses.stream(hello);
    const failure = failureOf(late.final());
    await vi.waitUntil(() => gateway.requests.length === 1);
    late.abort();
    expect(await failure).toMatchObject({ code: "ERR_RUN_ABORTED", outcome: "maybeRan" });
  });

  it("holds no timer once its end has come, although nobody reads on", async () => {
    for (const fail of [undefined, { status: 500, code: "api_error", message: "no" }]) {
      const clock = createFakeClock();
      const { client } = inMemory({ reply: () => (fail === undefined ? {} : { fail }) }, { clock });
      const stream = client.responses.stream(hello);
      const events = stream[Symbol.asyncIterator]();
      const ended = fail === undefined ? "response.completed" : "response.failed";
      for (;;) if ((await events.next()).value?.type === ended) break;
      await vi.waitUntil(() => clock.waiting() === 0);

      if (fail === undefined) expect((await events.next()).done).toBe(true);
      else await expect(events.next()).rejects.toMatchObject({ code: "ERR_RUN_FAILED" });
      expect((await events.next()).done).toBe(true);
    }
  });

  it("holds nothing once it was aborted, although nobody reads on", async () => {
    const clock = createFakeClock();
    const { signal } = new AbortController();
    const [added, removed] = [vi.spyOn(signal, "addEventListener"), vi.spyOn(signal, "removeEventListener")];
    const { client, gateway } = inMemory({ reply: () => ({ hang: true }) }, { clock });
    const stream = client.responses.stream({ ...hello, signal });
    await stream[Symbol.asyncIterator]().next();
    stream.abort();

    expect(clock.waiting()).toBe(0);
    expect(added).toHaveBeenCalledOnce();
    expect(removed).toHaveBeenCalledWith("abort", added.mock.calls[0]?.[1]);
    await vi.waitUntil(() => gateway.requests[0]?.aborted === true);
  });

  it("tells silence from slowness", async () => {
    const clock = createFakeClock();
    const { client, gateway } = inMemory({ reply: () => ({ hang: true }) }, { clock });
    const failure = failureOf(client.responses.create({ ...hello, idleTimeoutMs: 1_000 }));
    await vi.waitUntil(() => gateway.requests.length === 1);
    await new Promise((resolve) => setTimeout(resolve));
    clock.advance(1_000);

    expect(await failure).toMatchObject({
      code: "ERR_RUN_TIMEOUT",
      timeout: "idle",
      message: "The gateway sent nothing for 1000 ms.",
    });
    expect(clock.waiting()).toBe(0);
  });

  it("takes any byte for a sign of life", async () => {
    const clock = createFakeClock();
    let bytes: ReadableStreamDefaultController<Uint8Array> | undefined;
    const body = new ReadableStream<Uint8Array>({ start: (controller) => void (bytes = controller) });
    const fetch = async (): Promise<Response> => new Response(body, eventStream);
    const client = createOpenClawClient({ baseUrl: "http://gateway.test", token: "t", clock, fetch });
    const settled = vi.fn<() => void>();
    const failure = failureOf(client.responses.create({ ...hello, idleTimeoutMs: 1_000 })).finally(settled);
    for (let beat = 0; beat < 3; beat++) {
      await new Promise((resolve) => setTimeout(resolve));
      clock.advance(900);
      bytes?.enqueue(new TextEncoder().encode(": alive\n\n"));
    }
    await new Promise((resolve) => setTimeout(resolve));
    expect(settled).not.toHaveBeenCalled();
    clock.advance(1_000);
    expect(await failure).toMatchObject({ timeout: "idle" });
  });
});

describe("any bytes", () => {
  it.each(recorded)("$name gives the same events, wherever it is split", async ({ body }) => {
    const bytes = new TextEncoder().encode(body);
    const whole = await collect(answering(() => new Response(bytes, eventStream)).responses.stream(hello));
    expect(whole.events.length).toBeGreaterThan(4);

    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 20 }), async (cuts) => {
        const bounds = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        const pieces = new ReadableStream<Uint8Array>({
          start(controller) {
            for (const [at, from] of bounds.slice(0, -1).entries())
              controller.enqueue(bytes.slice(from, bounds[at + 1]));
            controller.close();
          },
        });
        const split = answering(() => new Response(pieces, eventStream)).responses.stream(hello);
        expect(await collect(split)).toEqual(whole);
      }),
      { numRuns: 25 },
    );
  });

  it("of garbage give nothing but LobsterErrors", async () => {
    const type = fc.constantFrom(
      "response.created",
      "response.output_item.added",
      "response.content_part.done",
      "response.output_text.delta",
      "response.completed",
      "response.failed",
    );
    const event = fc.record({
      type,
      response: fc.jsonValue(),
      item: fc.jsonValue(),
      part: fc.jsonValue(),
      delta: fc.jsonValue(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            fc.json(),
            event.map((fields) => JSON.stringify(fields)),
          ),
        ),
        async (data) => {
          const body = data.map((line) => `data: ${line}\n\n`).join("");
          const { error } = await collect(
            answering(() => new Response(body, eventStream)).responses.stream(hello),
          );
          expect(error === null || LobsterError.isInstance(error)).toBe(true);
        },
      ),
    );
  });
});
