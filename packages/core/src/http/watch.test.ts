import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { UnauthorizedError } from "../errors.ts";
import type { RuntimePort } from "../ports/runtime.ts";
import { createFakeClock, type FakeClock } from "../testing/fake-clock.ts";
import { silenceMs } from "./keep-watching.ts";
import { createRuntimeClient } from "./runtime-client.ts";
import { createRuntimeHandler } from "./runtime-handler.ts";
import { errorOf, goodToken, portOf, settle } from "./test-ports.ts";
import { keepAliveMs } from "./watch-answer.ts";

/** The control plane of these tests: those who watch it, and whether their token is good. */
let watchers: Set<() => void>;
let revoked: boolean;
let clock: FakeClock;
/** What the network does with a request; by default it brings it to the handler. */
let network: (request: Request) => Promise<Response>;
let requests: number;
let stop: AbortController;

const wakeAll = (): void => {
  for (const onWork of watchers) onWork();
};

const port: RuntimePort = portOf({
  agents: async () => {
    if (revoked) throw new UnauthorizedError();
    return { revision: 1, agents: [] };
  },
  watch(onWork, signal) {
    watchers.add(onWork);
    signal.addEventListener("abort", () => watchers.delete(onWork), { once: true });
  },
});

beforeEach(() => {
  watchers = new Set();
  revoked = false;
  clock = createFakeClock();
  network = createRuntimeHandler({ controlPlane: { runtime: () => port }, clock });
  requests = 0;
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort();
  await settle();
  // Whatever happened, nothing is left behind.
  expectNothingLeft();
});

function expectNothingLeft(): void {
  expect([watchers.size, clock.waiting()]).toEqual([0, 0]);
}

const watchRequest = (init: RequestInit = {}): Request =>
  new Request("https://platform.test/v1/runtime/watch", {
    headers: { authorization: `Bearer ${goodToken}` },
    signal: stop.signal,
    ...init,
  });

describe("the stream", () => {
  /** Reads it, piece by piece. */
  async function open() {
    const response = await network(watchRequest());
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    const next = async (): Promise<string | undefined> => (await reader.read()).value;
    return { response, reader, next };
  }

  it("is a stream of events that nobody may keep, and begins with a wake-up", async () => {
    const { response, next } = await open();
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await next()).toBe("event: work\ndata: {}\n\n");
  });

  it("tells of work when there is some", async () => {
    const { next } = await open();
    await next();
    wakeAll();
    expect(await next()).toBe("event: work\ndata: {}\n\n");
  });

  it("owes a slow reader one wake-up beyond the one that waits, however many there were", async () => {
    const { body } = await network(watchRequest());
    const reader = body!.getReader();
    const next = async () => new TextDecoder().decode((await reader.read()).value);
    await next();
    for (let count = 0; count < 1_000; count++) wakeAll();
    clock.advance(keepAliveMs);
    await settle();
    wakeAll();
    expect(await next()).toContain("work");
    expect(await next()).toContain("work");
    const third = next();
    clock.advance(keepAliveMs);
    expect(await third).toBe(": alive\n\n");
  });

  it("does not lose the wake-up of a reader for whom a sign of life waits", async () => {
    const { body } = await network(watchRequest());
    const reader = body!.getReader();
    const next = async () => new TextDecoder().decode((await reader.read()).value);
    await next();
    clock.advance(keepAliveMs);
    await settle();
    wakeAll();
    expect(await next()).toBe(": alive\n\n");
    expect(await next()).toContain("work");
  });

  it("says that it is alive every 15 seconds", async () => {
    const { next } = await open();
    await next();
    for (let count = 0; count < 3; count++) {
      clock.advance(keepAliveMs);
      expect(await next()).toBe(": alive\n\n");
    }
  });

  it("ends when the token is not good any more, at the next sign of life", async () => {
    const { next } = await open();
    await next();
    revoked = true;
    clock.advance(keepAliveMs);
    expect(await next()).toBeUndefined();
    expect(watchers.size).toBe(0);
    expect(clock.waiting()).toBe(0);
  });

  it("ends when the caller's connection does", async () => {
    const { next } = await open();
    await next();
    stop.abort();
    expect(await next()).toBeUndefined();
    expect(watchers.size).toBe(0);
  });

  it("ends when the caller's connection does, though the request was garbage by then", async () => {
    await network(watchRequest());
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    await settle();
    collect();
    await settle();
    stop.abort();
    expect(watchers.size).toBe(0);
  });

  it.each(["before it is made", "while it is made"])(
    "ends at once when the caller's connection ended %s",
    async (when) => {
      const gone = new AbortController();
      if (when === "before it is made") gone.abort();
      const answer = network(watchRequest({ signal: gone.signal }));
      gone.abort();
      const reader = (await answer).body!.getReader();
      await reader.read();
      expect((await reader.read()).done).toBe(true);
      expectNothingLeft();
    },
  );

  it("ends by itself when whoever serves it has dropped it and tells nobody", async () => {
    const { body } = await network(watchRequest({ signal: null }));
    for (let count = 0; count < 3; count++) {
      expect(watchers.size).toBe(1);
      clock.advance(keepAliveMs);
      await settle();
    }
    expectNothingLeft();
    expect(body).toBeInstanceOf(ReadableStream);
  });

  it("ends when nobody reads it any more", async () => {
    const { reader } = await open();
    await reader.cancel();
    await settle();
    expect(watchers.size).toBe(0);
    wakeAll();
  });

  it("is refused to a token that is not good, before it begins", async () => {
    revoked = true;
    const response = await network(watchRequest());
    expect(response.status).toBe(401);
    expect(await errorOf(response)).toMatchObject({ code: "ERR_UNAUTHORIZED" });
    expect(watchers.size).toBe(0);
  });

  it("is a GET", async () => {
    const response = await network(watchRequest({ method: "POST" }));
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("GET");
  });

  it("is no call of a control plane without wake-ups", async () => {
    const silent = createRuntimeHandler({ controlPlane: { runtime: () => portOf({}) } });
    expect((await silent(watchRequest())).status).toBe(404);
  });
});

describe("the client", () => {
  let calls: number;

  function watch(random = () => 0.5): void {
    calls = 0;
    const client = createRuntimeClient({
      url: "https://platform.test",
      serviceToken: goodToken,
      clock,
      random,
      fetch: (input, init) => {
        requests += 1;
        return network(new Request(input, init));
      },
    });
    client.watch!(() => calls++, stop.signal);
  }

  /** Until the client has connected, or has taken in what was sent. */
  async function until(check: () => void): Promise<void> {
    await vi.waitFor(check, { timeout: 4_000 });
  }
  const connected = () => until(() => expect(watchers.size).toBe(1));

  it("calls when it has connected, for what came before, and with each wake-up", async () => {
    watch();
    await until(() => expect(calls).toBe(1));
    wakeAll();
    await until(() => expect(calls).toBe(2));
  });

  it("does not call any more once it is ended, and lets go of the stream", async () => {
    watch();
    await until(() => expect(calls).toBe(1));
    wakeAll();
    stop.abort();
    await settle();
    expect(calls).toBe(1);
    expect(watchers.size).toBe(0);
    expect(requests).toBe(1);
  });

  it("sends nothing when it is ended before it begins", async () => {
    stop.abort();
    watch();
    await settle();
    expect(requests).toBe(0);
  });

  it("stays on one stream as long as it says that it is alive", async () => {
    watch();
    await connected();
    for (let count = 0; count < 20; count++) {
      clock.advance(keepAliveMs);
      for (let turn = 0; turn < 5; turn++) await settle();
    }
    expect(requests).toBe(1);
  });

  it("connects again, and calls, when a stream has been silent for too long", async () => {
    network = async () =>
      new Response(new ReadableStream(), { headers: { "content-type": "text/event-stream" } });
    watch();
    await settle();
    clock.advance(silenceMs - 1);
    await settle();
    expect(requests).toBe(1);
    network = createRuntimeHandler({ controlPlane: { runtime: () => port }, clock });
    clock.advance(1);
    await settle();
    clock.advance(500);
    await until(() => expect(calls).toBe(1));
    expect(requests).toBe(2);
  });

  it("connects again after a failure, with longer and longer waits, half a minute at most", async () => {
    const handler = network;
    network = () => Promise.reject(new TypeError("fetch failed"));
    // The longest wait that the jitter may draw.
    watch(() => 1 - Number.EPSILON);
    const boundsMs = [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000];
    for (const [index, boundMs] of boundsMs.entries()) {
      await settle();
      clock.advance(boundMs - 2);
      await settle();
      expect(requests).toBe(index + 1);
      clock.advance(1);
      await settle();
      expect(requests).toBe(index + 2);
    }
    network = handler;
    clock.advance(30_000);
    await until(() => expect(calls).toBe(1));
  });

  it("does not hold earlier failures against a stream that held for a while", async () => {
    const handler = network;
    const failing = (): Promise<Response> => Promise.reject(new TypeError("fetch failed"));
    network = failing;
    watch();
    for (let tries = 0; tries < 5; tries++) {
      await settle();
      clock.advance(30_000);
    }
    network = handler;
    await settle();
    clock.advance(30_000);
    await until(() => expect(calls).toBe(1));
    for (let count = 0; count < 4; count++) {
      clock.advance(keepAliveMs);
      await settle();
    }
    network = failing;
    revoked = true;
    clock.advance(keepAliveMs);
    await settle();
    const before = requests;
    clock.advance(500);
    await settle();
    expect(requests).toBe(before + 1);
  });

  it("connects again when a proxy answers in the control plane's place", async () => {
    const handler = network;
    network = async () => new Response("<html>", { status: 502 });
    watch();
    await settle();
    network = handler;
    clock.advance(500);
    await until(() => expect(calls).toBe(1));
  });

  it("ends when its token is not good any more: who polls will be told", async () => {
    watch();
    await connected();
    revoked = true;
    clock.advance(keepAliveMs);
    for (let turn = 0; turn < 10; turn++) {
      await settle();
      clock.advance(1_000);
    }
    expect(requests).toBe(2);
    expect(clock.waiting()).toBe(0);
  });

  it("ends when there are no wake-ups to be had", async () => {
    network = createRuntimeHandler({ controlPlane: { runtime: () => portOf({}) } });
    watch();
    for (let turn = 0; turn < 5; turn++) {
      await settle();
      clock.advance(1_000);
    }
    expect(requests).toBe(1);
  });

  it("follows no redirect, and asks again: what stands before a control plane may do that for a while", async () => {
    const modes: string[] = [];
    network = async ({ redirect }) => {
      modes.push(redirect);
      return Response.redirect("https://stranger.test/", 307);
    };
    watch();
    for (let turn = 0; turn < 5; turn++) {
      await settle();
      clock.advance(1_000);
    }
    expect(modes.length).toBeGreaterThan(1);
    expect(new Set(modes)).toEqual(new Set(["manual"]));
  });
});
