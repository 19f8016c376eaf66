import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OpenClawError } from "../errors/open-claw-error.ts";
import { answering, failureOf, hello } from "../test-client.ts";
import { createMockGateway } from "../testing/mock-gateway.ts";

const token = "mock-token";
const eventStream = { headers: { "content-type": "text/event-stream; charset=utf-8" } };

describe("a stream of events, split at any bytes", () => {
  it("gives the same reply", async () => {
    const bytes = await streamOf({ text: "Grüße, 世界 🦞 — all there?" });
    const whole = await answering(() => new Response(bytes, eventStream)).responses.create(hello);
    expect(whole.text).toBe("Grüße, 世界 🦞 — all there?");

    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 40 }), async (cuts) => {
        const client = answering(() => new Response(inPieces(bytes, cuts), eventStream));
        expect(await client.responses.create(hello)).toEqual(whole);
      }),
      { numRuns: 200 },
    );
  });

  it("gives the same failure", async () => {
    const bytes = await streamOf({ fail: { status: 429, code: "rate_limit_error", message: "später 🦞" } });

    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 40 }), async (cuts) => {
        const client = answering(() => new Response(inPieces(bytes, cuts), eventStream));
        expect(await failureOf(client.responses.create(hello))).toMatchObject({
          code: "ERR_RUN_FAILED",
          message: "The run failed: später 🦞",
        });
      }),
    );
  });

  it("is a reply or a cut connection, wherever it ends", async () => {
    const bytes = await streamOf({ text: "never half a reply" });
    const terminal = new TextDecoder().decode(bytes).indexOf("event: response.completed");

    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length), async (length) => {
        const client = answering(() => new Response(bytes.slice(0, length), eventStream));
        const call = client.responses.create(hello);
        if (length <= terminal)
          expect(await failureOf(call)).toMatchObject({ code: "ERR_CONNECTION_CUT", outcome: "maybeRan" });
        else
          await call.then(
            ({ text }) => expect(text).toBe("never half a reply"),
            (error: unknown) => expect(error).toMatchObject({ code: "ERR_CONNECTION_CUT" }),
          );
      }),
      { numRuns: 300 },
    );
  });
});

describe("garbage", () => {
  const garbage = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((bytes) => new Uint8Array(bytes)),
    fc.json().map((text) => new TextEncoder().encode(text)),
    fc
      .array(fc.json())
      .map((data) => new TextEncoder().encode(data.map((json) => `data: ${json}\n\n`).join(""))),
    fc
      .record(
        {
          type: fc.constantFrom("response.completed", "response.failed", "response.output_text.delta"),
          delta: fc.anything(),
          response: fc.record({
            id: fc.oneof(fc.constant("resp_1"), fc.anything()),
            status: fc.oneof(fc.constantFrom("completed", "incomplete", "failed"), fc.anything()),
            output: fc.anything(),
            error: fc.anything(),
          }),
        },
        { requiredKeys: ["type"] },
      )
      .map((event) => new TextEncoder().encode(`data: ${stringify(event)}\n\n`)),
  );

  it("never makes create throw anything but an OpenClawError, nor takes it for the reply of a run without an id", async () => {
    await fc.assert(
      fc.asyncProperty(
        garbage,
        fc.oneof(fc.constant(200), fc.integer({ min: 200, max: 599 })),
        fc.constantFrom("text/event-stream", "application/json", "text/html", ""),
        async (body, status, type) => {
          const bodyless = [204, 205, 304].includes(status);
          const client = answering(
            () => new Response(bodyless ? null : body, { status, headers: { "content-type": type } }),
          );
          try {
            expect(typeof (await client.responses.create(hello)).id).toBe("string");
          } catch (error) {
            expect(OpenClawError.isInstance(error)).toBe(true);
            // Something answered, so it is certain that something was sent.
            expect(error).not.toMatchObject({ outcome: "notSent" });
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

async function streamOf(reply: object): Promise<Uint8Array<ArrayBuffer>> {
  const gateway = createMockGateway({ token, reply: () => reply });
  const response = await gateway.fetch("http://gateway.test/v1/responses", {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ model: "openclaw", input: "x", stream: true }),
  });
  return new Uint8Array(await response.arrayBuffer());
}

function inPieces(bytes: Uint8Array<ArrayBuffer>, cuts: readonly number[]): ReadableStream<Uint8Array> {
  const bounds = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
  return new ReadableStream({
    start(controller) {
      for (const [index, from] of bounds.slice(0, -1).entries())
        controller.enqueue(bytes.slice(from, bounds[index + 1]));
      controller.close();
    },
  });
}

function stringify(value: unknown): string {
  try {
    return JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? String(inner) : inner));
  } catch {
    return "{}";
  }
}
