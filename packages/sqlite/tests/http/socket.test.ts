import { request, createServer, type ClientRequest, type IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { inspect } from "node:util";
import {
  LeaseLostError,
  newLeaseId,
  newNotificationId,
  type Logger,
  type LeaseProof,
} from "@lobstercontrol/core";
import {
  createAdminClient,
  createAdminHandler,
  createRuntimeClient,
  createRuntimeHandler,
} from "@lobstercontrol/core/http";
import { createFakeClock, reportOf, type FakeClock } from "@lobstercontrol/core/testing";
import { createSqliteControlPlane } from "@lobstercontrol/sqlite";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { openOverHttp } from "./over-http.ts";
import { serve } from "./serve.ts";

let far: Awaited<ReturnType<typeof openOverHttp>>;
let clock: FakeClock;
let token: string;

beforeEach(async () => {
  clock = createFakeClock();
  far = await openOverHttp({ clock });
  await far.platform.upsertAccount({ account: "acme" });
  await far.platform.upsertAgent({ account: "acme", agent: "writer" });
  token = (await far.admin({ id: "user-1" }, "acme").issueServiceToken()).token.reveal();
});
afterEach(() => far.close());

/** How long a socket may take on a busy machine. */
const patience = { timeout: 4_000 };

let count = 0;
const notify = () =>
  far.platform.notify({
    account: "acme",
    agent: "writer",
    thread: `t${++count}`,
    input: "Hi",
    idempotencyKey: `key-${count}`,
  });

/** A POST whose body is written by the test. */
function openPost(
  path: string,
  bearer: string,
): { outgoing: ClientRequest; answer: Promise<[IncomingMessage, string]> } {
  const outgoing = request(`${far.url}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" },
  });
  const answer = new Promise<[IncomingMessage, string]>((resolve, reject) => {
    outgoing.once("error", reject);
    outgoing.once("response", (incoming) => {
      let text = "";
      incoming.setEncoding("utf8").on("data", (piece: string) => (text += piece));
      incoming.once("end", () => resolve([incoming, text]));
    });
  });
  onTestFinished(() => void outgoing.destroy());
  return { outgoing, answer };
}

describe("a body over a socket", () => {
  it("is answered with 413 while it is still being sent, without an end", async () => {
    const { outgoing, answer } = openPost("/v1/runtime/release", token);
    Readable.from(endless()).pipe(outgoing);
    const [incoming, text] = await answer;
    expect(incoming.statusCode).toBe(413);
    expect(JSON.parse(text)).toMatchObject({ error: { code: "ERR_TOO_LARGE" } });
  });

  function* endless(): Generator<Buffer> {
    for (;;) yield Buffer.alloc(16 * 1_024, " ");
  }

  it("is given up when it stays away in the middle", async () => {
    const { outgoing, answer } = openPost("/v1/runtime/release", token);
    const waiting = clock.waiting();
    outgoing.write('{"lease":');
    await expect.poll(() => clock.waiting(), patience).toBe(waiting + 1);
    clock.advance(30_000);
    const [incoming, text] = await answer;
    expect(incoming.statusCode).toBe(408);
    expect(JSON.parse(text)).toMatchObject({ error: { retryable: true } });
  });
});

describe("promise 7: neither door opens with the key of the other", () => {
  it("refuses a service token at every admin call", async () => {
    const admin = createAdminClient({ url: far.url, token });
    const calls = [
      admin.notifications(),
      admin.deadLetters(),
      admin.redrive(newNotificationId(0)),
      admin.messages(),
      admin.issueServiceToken(),
      admin.serviceTokens(),
      admin.revokeServiceToken("stk_1"),
      admin.activities(),
      admin.listProviderKeys(),
    ];
    for (const result of await Promise.allSettled(calls))
      expect(result).toMatchObject({ status: "rejected", reason: { code: "ERR_FORBIDDEN" } });
  });

  it("refuses an admin's session at every runtime call", async () => {
    const controlPlane = createSqliteControlPlane({ path: ":memory:" });
    onTestFinished(() => controlPlane.close());
    const session = "session-of-user-1";
    const authorize = () => ({ actor: { id: "user-1" }, account: "acme" });
    const admin = await serve(createAdminHandler({ controlPlane, authorize }));
    const runtime = await serve(createRuntimeHandler({ controlPlane }));
    onTestFinished(async () => void (await Promise.all([admin.close(), runtime.close()])));
    await expect(createAdminClient({ url: admin.url, token: session }).serviceTokens()).resolves.toEqual([]);

    const lease: LeaseProof = { notification: newNotificationId(0), id: newLeaseId() };
    const port = createRuntimeClient({ url: runtime.url, serviceToken: session });
    const worker = { workerId: "w1", incarnation: "i1" };
    const calls = [
      port.claim({ ...worker, claimId: "c1", limit: 1, leaseMs: 1_000 }),
      port.begin(lease, { sessionMark: null }),
      port.renew(lease, 1_000),
      port.complete(lease, { kind: "empty", responseId: null }),
      port.fail(lease, {
        outcome: "ran",
        reason: { code: "ERR_X", message: "No." },
        retryable: true,
        countsAttempt: true,
      }),
      port.release(lease),
      port.agents(),
      port.providerKeys(),
      port.report(reportOf()),
    ];
    for (const result of await Promise.allSettled(calls))
      expect(result).toMatchObject({ status: "rejected", reason: { code: "ERR_UNAUTHORIZED" } });
    const cookie = await fetch(`${runtime.url}/v1/runtime/agents`, {
      method: "POST",
      headers: { cookie: `session=${session}`, "content-type": "application/json" },
      body: "{}",
    });
    expect(cookie.status).toBe(401);
  });
});

describe("a redirect", () => {
  it("takes no token to where it points", async () => {
    const strangers: unknown[] = [];
    const stranger = await serve(async (incoming) => {
      strangers.push(incoming.headers.get("authorization"));
      return Response.json({ result: { revision: 1, agents: [] } });
    });
    const server = createServer((_, outgoing) => {
      outgoing.writeHead(307, { location: `${stranger.url}/v1/runtime/agents` }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(async () => {
      await stranger.close();
      await new Promise((resolve) => server.close(resolve).closeAllConnections());
    });
    const { port } = server.address() as { port: number };
    const client = createRuntimeClient({ url: `http://127.0.0.1:${port}`, serviceToken: token });
    await expect(client.agents()).rejects.toMatchObject({
      code: "ERR_CONTROL_PLANE_ANSWER",
      retryable: true,
    });
    expect(strangers).toEqual([]);
  });
});

describe("a control plane that is away", () => {
  it("is told as such, with the platform's word", async () => {
    await far.close();
    const port = createRuntimeClient({ url: far.url, serviceToken: token, random: () => 0 });
    await expect(port.agents()).rejects.toMatchObject({
      code: "ERR_CONTROL_PLANE_UNREACHABLE",
      retryable: true,
      message: expect.stringContaining("ECONNREFUSED"),
    });
  });

  it("does not notice a call whose answer was lost and that is sent again (promise 3)", async () => {
    const port = createRuntimeClient({
      url: far.url,
      serviceToken: token,
      random: () => 0,
      fetch: losingEveryOther(),
    });
    const id = await notify();
    const claims = await port.claim({
      workerId: "w1",
      incarnation: "i1",
      claimId: "c1",
      limit: 10,
      leaseMs: 30_000,
    });
    expect(claims.map(({ lease }) => lease.notification)).toEqual([id]);
    const { lease } = claims[0]!;
    await port.begin(lease, { sessionMark: null });
    await port.renew(lease, 30_000);
    expect(await port.complete(lease, { kind: "reply", text: "Hello", responseId: null })).toEqual({
      message: "duplicate",
    });
    expect((await far.platform.messages()).messages).toMatchObject([{ text: "Hello" }]);
    await expect(port.release(lease)).rejects.toThrow(LeaseLostError);
  });

  /** Each request arrives; every other answer does not. */
  function losingEveryOther(): typeof globalThis.fetch {
    let calls = 0;
    return async (input, init) => {
      const response = await fetch(input, init);
      if (++calls % 2 === 0) return response;
      await response.arrayBuffer();
      throw new TypeError("fetch failed", { cause: Object.assign(new Error(), { code: "ECONNRESET" }) });
    };
  }
});

describe("watch over a socket", () => {
  let calls: number;
  let stop: AbortController;
  /** The client waits by a clock of its own. */
  let clientClock: FakeClock;

  beforeEach(() => {
    calls = 0;
    stop = new AbortController();
    clientClock = createFakeClock();
  });
  afterEach(() => stop.abort());

  const watch = (url = far.url) =>
    createRuntimeClient({ url, serviceToken: token, clock: clientClock, random: () => 0.5 }).watch!(
      () => calls++,
      stop.signal,
    );

  it("wakes for each notification, and frees the control plane when it is ended", async () => {
    const idle = clock.waiting();
    watch();
    await expect.poll(() => calls, patience).toBe(1);
    await notify();
    await expect.poll(() => calls, patience).toBe(2);
    stop.abort();
    // Neither the keep-alive nor the look for other processes waits any more.
    await expect.poll(() => clock.waiting(), patience).toBe(idle);
  });

  it("ends with the token, at the next sign of life, and does not come back", async () => {
    const idle = clock.waiting();
    watch();
    await expect.poll(() => calls, patience).toBe(1);
    const admin = far.admin({ id: "user-1" }, "acme");
    const [{ id } = { id: "" }] = await admin.serviceTokens();
    await admin.revokeServiceToken(id);
    clock.advance(15_000);
    await expect.poll(() => clock.waiting(), patience).toBe(idle);
    await expect.poll(() => (clientClock.advance(100), clientClock.waiting()), patience).toBe(0);
    await notify();
    expect(calls).toBe(1);
  });

  it("comes back by itself after the control plane was away, and wakes for what came meanwhile", async () => {
    const controlPlane = createSqliteControlPlane({ path: ":memory:" });
    onTestFinished(() => controlPlane.close());
    const account = "acme";
    await controlPlane.platform.upsertAccount({ account });
    token = (await controlPlane.admin({ id: "user-1" }, account).issueServiceToken()).token.reveal();
    const handler = createRuntimeHandler({ controlPlane });
    const before = await serve(handler);
    watch(before.url);
    await expect.poll(() => calls, patience).toBe(1);
    await before.close();
    for (let tries = 0; tries < 5; tries++) {
      await expect.poll(() => clientClock.waiting(), patience).toBe(1);
      clientClock.advance(30_000);
    }
    expect(calls).toBe(1);
    const after = await serve(handler, before.port);
    onTestFinished(() => after.close());
    await expect.poll(() => (clientClock.advance(30_000), calls), patience).toBe(2);
  });
});

describe("the log", () => {
  it("promise 8: holds no key, token or text, whatever fails", async () => {
    const lines: unknown[] = [];
    const keep = (fields: unknown, message: string): unknown => lines.push([fields, message]);
    const logger: Logger = { debug: keep, info: keep, warn: keep, error: keep };
    const key = ["sk", "canary", "0123456789abcdef"].join("-");
    const broken = await serve(
      createAdminHandler({
        logger,
        authorize: () => ({ actor: { id: "user-1" }, account: "acme" }),
        controlPlane: {
          admin: () => ({
            upsertProviderKey: async ({ key: given }) => {
              // As a careless store would: it quotes what it was given, with nothing about it that looks like a key.
              throw new Error(`cannot store ${given.reveal()}`);
            },
          }),
        },
      }),
    );
    onTestFinished(() => broken.close());
    const admin = createAdminClient({ url: broken.url, token: "session-1" });
    const { Secret } = await import("@lobstercontrol/core");
    for (const value of [key, "plain words that look like nothing"]) {
      const error: unknown = await admin
        .upsertProviderKey({ provider: "anthropic", key: new Secret(value) })
        .catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: "ERR_UNEXPECTED" });
      expect(inspect([error, lines], { depth: 20 })).not.toContain(value);
    }
    expect(inspect(lines, { depth: 20 })).toContain("cannot store [secret]");
  });
});
