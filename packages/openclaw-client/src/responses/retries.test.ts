import { createFakeClock, type FakeClock } from "@lobstercontrol/core/testing";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { createOpenClawClient } from "../client.ts";
import { failureOf, hello } from "../test-client.ts";
import { createMockGateway } from "../testing/mock-gateway.ts";
import type { MockGateway } from "../testing/types.ts";
import type { OpenClawClient, OpenClawClientOptions } from "../types.ts";

const refused = (): never => {
  throw Object.assign(new TypeError("fetch failed"), {
    cause: Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED", syscall: "connect" }),
  });
};

let clock: FakeClock;
let gateway: MockGateway;
let sent: number;
beforeEach(() => {
  clock = createFakeClock();
  gateway = createMockGateway();
  sent = 0;
});

/** A client of a gateway that fails in this way at first. */
function clientAfter(
  failures: number,
  fail: () => Promise<Response>,
  over: Partial<OpenClawClientOptions> = {},
): OpenClawClient {
  return createOpenClawClient({
    baseUrl: "http://gateway.test",
    token: gateway.token,
    fetch: (input, init) => (++sent <= failures ? fail() : gateway.fetch(input, init)),
    clock,
    random: () => 0.5,
    ...over,
  });
}

/** Lets the waits of a call pass, and gives their lengths in milliseconds. */
async function passWaits(call: Promise<unknown>): Promise<number[]> {
  const state = { settled: false };
  const done = call.catch(() => {}).finally(() => (state.settled = true));
  const waits: number[] = [];
  for (;;) {
    // The call's own total time waits as well.
    await vi.waitUntil(() => state.settled || clock.waiting() > 1);
    if (state.settled) break;
    let waited = 0;
    for (; clock.waiting() > 1; waited += 50) clock.advance(50);
    waits.push(waited);
  }
  await done;
  return waits;
}

const limited = (headers: Record<string, string>) => async (): Promise<Response> =>
  Response.json({ error: { message: "slow down", type: "rate_limited" } }, { status: 429, headers });
const starting = async (): Promise<Response> =>
  Response.json(
    { error: { message: "starting", type: "service_unavailable", code: "gateway_unavailable" } },
    { status: 503 },
  );

describe("what certainly did not run is sent again", () => {
  it.each<[string, () => Promise<Response>, number[]]>([
    ["a gateway that is not reached", refused, [250, 500]],
    ["a gateway that starts", starting, [250, 500]],
    ["a limit, no sooner than it says", limited({ "retry-after": "7" }), [7_000, 7_000]],
  ])("after %s", async (_name, fail, waits) => {
    const call = clientAfter(2, fail).responses.create(hello);
    expect(await passWaits(call)).toEqual(waits);
    expect((await call).status).toBe("completed");
    expect(sent).toBe(3);
    expect(clock.waiting()).toBe(0);
  });

  it("as often as the request says, or else the client, or else twice", async () => {
    for (const [ofClient, ofRequest, tries] of [
      [{}, {}, 3],
      [{ retries: 0 }, {}, 1],
      [{ retries: 4 }, {}, 5],
      [{ retries: 4 }, { retries: 1 }, 2],
    ] as const) {
      sent = 0;
      const call = clientAfter(99, refused, ofClient).responses.create({ ...hello, ...ofRequest });
      const failure = failureOf(call);
      await passWaits(call);
      expect(await failure).toMatchObject({ code: "ERR_GATEWAY_UNREACHABLE", outcome: "notSent" });
      expect(sent).toBe(tries);
    }
  });

  it("also for a stream, before its first event", async () => {
    const stream = clientAfter(1, starting).responses.stream(hello);
    const types: string[] = [];
    const reading = (async () => {
      for await (const event of stream) types.push(event.type);
    })();
    await passWaits(reading);
    expect(types[0]).toBe("response.created");
    expect(types.filter((type) => type === "response.created")).toHaveLength(1);
  });

  it("but not when the wait does not fit into what is left of the time", async () => {
    const client = clientAfter(1, limited({ "retry-after": "60" }));
    const error = await failureOf(client.responses.create({ ...hello, timeoutMs: 60_000 }));
    expect(error).toMatchObject({ code: "ERR_GATEWAY_RATE_LIMITED", retryAfterMs: 60_000 });
    expect(sent).toBe(1);
  });

  it("and the total time goes on over all tries", async () => {
    const client = clientAfter(1, starting);
    gateway.reply = () => ({ hang: true });
    const failure = failureOf(client.responses.create({ ...hello, timeoutMs: 1_000 }));
    await vi.waitUntil(() => clock.waiting() === 2);
    clock.advance(250);
    await vi.waitUntil(() => gateway.requests.length === 1);
    clock.advance(749);
    expect(gateway.requests[0]?.aborted).toBe(false);
    clock.advance(1);
    expect(await failure).toMatchObject({ code: "ERR_RUN_TIMEOUT", outcome: "maybeRan" });
  });

  it("and a signal ends the wait: nothing was sent", async () => {
    const stop = new AbortController();
    const failure = failureOf(clientAfter(1, refused).responses.create({ ...hello, signal: stop.signal }));
    await vi.waitUntil(() => clock.waiting() === 2);
    stop.abort();
    expect(await failure).toMatchObject({ code: "ERR_RUN_ABORTED", outcome: "notSent" });
    expect(sent).toBe(1);
    expect(clock.waiting()).toBe(0);
  });

  it("and a time that runs out in a wait, by a clock that was set back, sends nothing more", async () => {
    const client = clientAfter(9, limited({ "retry-after": "8" }));
    const failure = failureOf(client.responses.create({ ...hello, timeoutMs: 10_000 }));
    await vi.waitUntil(() => clock.waiting() === 2);
    clock.jump(-60_000);
    clock.advance(8_000);
    await vi.waitUntil(() => sent === 2 && clock.waiting() === 2);
    clock.advance(2_000);
    expect(await failure).toMatchObject({ code: "ERR_GATEWAY_RATE_LIMITED", outcome: "refused" });
    expect(sent).toBe(2);
  });

  it("and the hooks are told which try it is", async () => {
    const attempts: number[] = [];
    const onRequest = ({ attempt }: { attempt: number }): unknown => attempts.push(attempt);
    await passWaits(clientAfter(2, refused, { onRequest }).responses.create(hello));
    expect(attempts).toEqual([1, 2, 3]);
  });
});

describe("whatever may have run, or would be refused again, is not", () => {
  it.each<[string, () => Promise<Response>]>([
    ["a limit that tells no time", limited({})],
    ["a wrong token", async () => new Response("", { status: 401 })],
    ["a refused request", async () => new Response("", { status: 400 })],
    ["a proxy's 503", async () => new Response("no upstream", { status: 503 })],
    [
      "a cut connection",
      () => Promise.reject(Object.assign(new TypeError("fetch failed"), { cause: { code: "ECONNRESET" } })),
    ],
  ])("after %s", async (_name, fail) => {
    await failureOf(clientAfter(1, fail).responses.create(hello));
    expect(sent).toBe(1);
    expect(clock.waiting()).toBe(0);
  });
});

describe("connectTimeoutMs", () => {
  it("ends the wait for an answer, which may have run all the same", async () => {
    const never = (): Promise<Response> => new Promise(() => {});
    const failure = failureOf(clientAfter(1, never).responses.create({ ...hello, connectTimeoutMs: 5_000 }));
    await vi.waitUntil(() => sent === 1);
    clock.advance(5_000);
    expect(await failure).toMatchObject({
      code: "ERR_RUN_TIMEOUT",
      outcome: "maybeRan",
      timeout: "connect",
      message: "The gateway had not begun to answer after 5000 ms.",
    });
    expect(sent).toBe(1);
    expect(clock.waiting()).toBe(0);
  });

  it("does not limit the answer itself", async () => {
    gateway.reply = () => ({ hang: true });
    const failure = failureOf(
      clientAfter(0, refused).responses.create({ ...hello, connectTimeoutMs: 5_000, timeoutMs: 60_000 }),
    );
    await vi.waitUntil(() => gateway.requests.length === 1);
    await new Promise((resolve) => setTimeout(resolve));
    clock.advance(59_999);
    expect(gateway.requests[0]?.aborted).toBe(false);
    clock.advance(1);
    expect(await failure).toMatchObject({ timeout: "total" });
  });
});

it("tells the proxy's id of the request in errors, unless it is none", async () => {
  for (const [id, told] of [
    ["req-7", "req-7"],
    [`bearer ${gateway.token}`, null],
  ] as const) {
    const fail = async (): Promise<Response> =>
      new Response("", { status: 400, headers: { "x-request-id": id } });
    expect(await failureOf(clientAfter(2, fail).responses.create(hello))).toMatchObject({ requestId: told });
  }
});
