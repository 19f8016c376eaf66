import { inspect } from "node:util";
import { describe, expect, it, vi } from "vitest";
import { LobsterError } from "../error.ts";
import { InvalidInputError, NotFoundError, UnauthorizedError } from "../errors.ts";
import { LeaseLostError } from "../notification/errors.ts";
import { Secret } from "../secret.ts";
import { createFakeClock } from "../testing/fake-clock.ts";
import { createAdminClient } from "./admin-client.ts";
import { createBootstrapClient } from "./bootstrap-client.ts";
import { ControlPlaneAnswerError, ControlPlaneUnreachableError } from "./errors.ts";
import { createRuntimeClient, type RuntimeClientOptions } from "./runtime-client.ts";
import { goodToken, lease, settle } from "./test-ports.ts";

const url = "https://platform.test/lobster";
type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** A client whose requests are answered so, and what it sent. */
function answeredBy(answer: Fetch, over: Partial<RuntimeClientOptions> = {}) {
  const fetch = vi.fn<Fetch>(answer);
  // No wait between tries: the bound of a jitter of zero is zero.
  return {
    fetch,
    port: createRuntimeClient({ url, serviceToken: goodToken, fetch, random: () => 0, ...over }),
  };
}

const caught = async (call: Promise<unknown>): Promise<LobsterError> =>
  await call.then(
    () => expect.unreachable("it was answered"),
    (error: unknown) => error as LobsterError,
  );

const refused = (): Promise<Response> =>
  Promise.reject(
    new TypeError("fetch failed", {
      cause: Object.assign(new Error(`connect, with ${goodToken}`), { code: "ECONNREFUSED" }),
    }),
  );

describe("the address", () => {
  it.each([
    "http://platform.test",
    "http://10.0.0.1",
    "http://127.0.0.1.evil.test",
    "http://localhost.evil.test",
    "http://app.localhost",
    "http://0.0.0.0",
    "http://[::2]",
    "ws://127.0.0.1",
    "file:///etc",
    "platform.test",
    "https://user:word@platform.test",
    "https://platform.test/?a=b",
    "https://platform.test/#a",
  ])("is refused: %s", (bad) => {
    expect(() => createRuntimeClient({ url: bad, serviceToken: goodToken })).toThrow(InvalidInputError);
    expect(() => createAdminClient({ url: bad })).toThrow(InvalidInputError);
    expect(() => createBootstrapClient({ url: bad })).toThrow(InvalidInputError);
  });

  it.each([
    ["https://platform.test", "https://platform.test/v1/runtime/agents"],
    ["https://platform.test/a/", "https://platform.test/a/v1/runtime/agents"],
    ["http://localhost:3000", "http://localhost:3000/v1/runtime/agents"],
    ["http://127.0.0.1:1/a", "http://127.0.0.1:1/a/v1/runtime/agents"],
    ["http://127.1.2.3", "http://127.1.2.3/v1/runtime/agents"],
    ["http://[::1]:1", "http://[::1]:1/v1/runtime/agents"],
  ])("may be %s", async (good, wanted) => {
    const { fetch, port } = answeredBy(async () => Response.json({ result: { revision: 1, agents: [] } }), {
      url: good,
    });
    await port.agents();
    expect(fetch.mock.calls[0]?.[0]).toBe(wanted);
  });
});

describe("the token", () => {
  it("goes into the header alone", async () => {
    const { fetch, port } = answeredBy(async () => Response.json({ result: null }));
    await port.release(lease);
    const [[to, init] = []] = fetch.mock.calls;
    expect(new Headers(init?.headers).get("authorization")).toBe(`Bearer ${goodToken}`);
    expect(init).toMatchObject({ method: "POST", redirect: "manual", body: JSON.stringify({ lease }) });
    expect(to).toBe(`${url}/v1/runtime/release`);
  });

  it.each([`${goodToken}\nx: y`, "", `${goodToken} `, "é"])(
    "is refused before fetch could quote it: %o",
    (serviceToken) => {
      const error = (() => {
        try {
          return createRuntimeClient({ url, serviceToken });
        } catch (thrown) {
          return thrown;
        }
      })();
      expect(error).toBeInstanceOf(InvalidInputError);
      expect(inspect(error)).not.toContain(goodToken);
    },
  );

  it("of a droplet is that of each call", async () => {
    const fetch = vi.fn<Fetch>(async () => Response.json({ result: { account: "acme" } }));
    const bootstrap = createBootstrapClient({ url, fetch });
    const request = { bootstrapToken: new Secret("lcb_first"), serviceTokenHash: "ab".repeat(32) };
    expect(await bootstrap.exchange(request)).toEqual({ account: "acme" });
    const [[to, init] = []] = fetch.mock.calls;
    expect(to).toBe(`${url}/v1/bootstrap/exchange`);
    expect(new Headers(init?.headers).get("authorization")).toBe("Bearer lcb_first");
    expect(init?.body).toBe(JSON.stringify({ serviceTokenHash: request.serviceTokenHash }));
  });

  it("of an admin is sent when there is one; a browser has its cookie", async () => {
    const fetch = vi.fn<Fetch>(async () => Response.json({ result: [] }));
    await createAdminClient({ url, fetch, token: "session-1" }).serviceTokens();
    await createAdminClient({ url, fetch }).serviceTokens();
    const sent = fetch.mock.calls.map(([, init]) => new Headers(init?.headers).get("authorization"));
    expect(sent).toEqual(["Bearer session-1", null]);
  });
});

describe("a request", () => {
  it("may have fields that are undefined, as it may for a control plane in this process", async () => {
    const fetch = vi.fn<Fetch>(async () => Response.json({ result: { items: [], next: null } }));
    const page = { after: undefined, limit: 5 } as unknown as { limit: number };
    await createAdminClient({ url, fetch }).messages(page);
    expect(fetch.mock.calls[0]![1]?.body).toBe('{"limit":5}');
  });

  it("that tells a failure gets through however much is told", async () => {
    const { fetch, port } = answeredBy(async () => Response.json({ result: { next: "retry", inMs: 1 } }));
    await port.fail(lease, {
      outcome: "refused",
      reason: { code: "ERR_RUN_FAILED", message: "\u0001".repeat(1_000_000) },
      retryable: true,
      countsAttempt: true,
      retryAfterMs: 1_000.5,
    });
    const body = fetch.mock.calls[0]![1]?.body as string;
    expect(body.length).toBeLessThan(64 * 1024);
    expect(JSON.parse(body)).toMatchObject({ failure: { retryAfterMs: 1_001 } });
  });
});

describe("what the control plane threw", () => {
  it("is thrown again: the same class, in its own words", async () => {
    const thrown = new LeaseLostError(lease);
    const { fetch, port } = answeredBy(async () => Response.json({ error: thrown }, { status: 409 }));
    const error = await caught(port.renew(lease, 1_000));
    expect(LeaseLostError.isInstance(error)).toBe(true);
    expect(error).toBeInstanceOf(LeaseLostError);
    expect(error.toJSON()).toEqual(thrown.toJSON());
    expect(error.name).toBe("LeaseLostError");
    expect(UnauthorizedError.isInstance(error)).toBe(false);
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  it("keeps its code when only another package knows it", async () => {
    const own = {
      code: "ERR_DATABASE_BUSY",
      message: "Busy.",
      hint: "Wait.",
      retryable: true,
      docs: "https://x",
    };
    const { port } = answeredBy(async () => Response.json({ error: own }, { status: 503 }));
    const error = await caught(port.agents());
    expect(LobsterError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({ code: own.code, message: own.message, hint: own.hint, retryable: true });
    expect(error.docs).toMatch(/\/errors\/ERR_DATABASE_BUSY$/);
    expect(NotFoundError.isInstance(error)).toBe(false);
  });
});

describe("an answer that is none of a control plane", () => {
  it.each([301, 302, 307, 308])("is refused and not followed: %i", async (status) => {
    const headers = { location: "https://stranger.test/" };
    const { fetch, port } = answeredBy(async () => new Response(null, { status, headers }));
    const error = await caught(port.agents());
    expect(error).toBeInstanceOf(ControlPlaneAnswerError);
    expect(error).toMatchObject({ retryable: true, message: expect.stringContaining("redirects") });
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  it.each<[string, number, string]>([
    ["a page", 200, "<html>Sign in</html>"],
    ["a proxy without a control plane", 502, "Bad gateway"],
    ["a proxy that knows no such host", 404, "404 page not found"],
    ["JSON of somebody else", 200, '{"ok":true}'],
    ["an error of somebody else", 400, '{"error":{"code":"invalid","message":"canary"}}'],
    ["a code that is none", 400, '{"error":{"code":"E\\n","message":"m","hint":"h","retryable":false}}'],
    ["a result with a bad status", 500, '{"result":[]}'],
    ["null", 200, "null"],
  ])("may be a better one later: %s", async (_, status, body) => {
    const { fetch, port } = answeredBy(async () => new Response(body, { status }));
    const error = await caught(port.agents());
    expect(error).toBeInstanceOf(ControlPlaneAnswerError);
    expect(error.retryable).toBe(true);
    expect(inspect(error)).not.toMatch(/canary|Sign in/);
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  it("is told by its field when it has another shape", async () => {
    const result = {
      revision: 1,
      agents: [{ slug: "No Slug", ref: null, heartbeatEveryMs: null, files: {} }],
    };
    const { port } = answeredBy(async () => Response.json({ result }));
    const error = await caught(port.agents());
    expect(error).toBeInstanceOf(ControlPlaneAnswerError);
    expect(error).toMatchObject({
      retryable: false,
      message: expect.stringContaining("agents.agents.0.slug"),
    });
    expect(inspect(error)).not.toContain("No Slug");
  });

  it("may have more than this version knows", async () => {
    const { port } = answeredBy(async () =>
      Response.json({ result: { revision: 1, agents: [], more: 1 }, more: 2 }),
    );
    expect(await port.agents()).toEqual({ revision: 1, agents: [] });
  });
});

describe("a network that fails", () => {
  it("is an error of its own that holds the platform's word and nothing else of the request", async () => {
    const { port } = answeredBy(refused);
    const error = await caught(
      port.claim({ workerId: "w", incarnation: "i", claimId: "c", limit: 1, leaseMs: 1 }),
    );
    expect(error).toBeInstanceOf(ControlPlaneUnreachableError);
    expect(error).toMatchObject({ retryable: true, message: expect.stringContaining("ECONNREFUSED") });
    expect(inspect(error, { depth: 10 })).not.toContain(goodToken);
  });

  it("makes a runtime's call go out three times, and no more", async () => {
    const { fetch, port } = answeredBy(refused);
    await caught(port.complete(lease, { kind: "empty", responseId: null }));
    expect(fetch).toHaveBeenCalledTimes(3);
    const bodies = fetch.mock.calls.map(([, init]) => init?.body);
    expect(new Set(bodies).size).toBe(1);
  });

  it("is forgotten when a later try is answered", async () => {
    const { fetch, port } = answeredBy(refused);
    fetch.mockImplementationOnce(refused).mockImplementationOnce(async () => Response.json({ result: null }));
    await port.release(lease);
    expect(fetch).toHaveBeenCalledTimes(2);
  });

  it("waits longer and longer between tries, by the jitter that everybody has", async () => {
    const clock = createFakeClock();
    const { fetch, port } = answeredBy(refused, { clock, random: () => 0.5 });
    const call = caught(port.release(lease));
    for (const waitMs of [100, 200]) {
      const before = fetch.mock.calls.length;
      await settle();
      clock.advance(waitMs - 1);
      await settle();
      expect(fetch).toHaveBeenCalledTimes(before);
      clock.advance(1);
      await settle();
    }
    expect(await call).toBeInstanceOf(ControlPlaneUnreachableError);
    expect(clock.waiting()).toBe(0);
  });

  it.each<[string, number]>([
    ["notifications", 3],
    ["deadLetters", 3],
    ["messages", 3],
    ["serviceTokens", 3],
    ["activities", 3],
    ["listProviderKeys", 3],
    ["runtime", 3],
    ["issueServiceToken", 1],
    ["retryProvision", 1],
    ["destroyRuntime", 1],
    ["restartRuntime", 1],
  ])("makes an admin's %s go out %i times: only what reads is repeated", async (name, times) => {
    const fetch = vi.fn<Fetch>(refused);
    const admin = createAdminClient({ url, fetch, random: () => 0 });
    await caught((admin as unknown as Record<string, () => Promise<unknown>>)[name]!());
    expect(fetch).toHaveBeenCalledTimes(times);
  });

  it("repeats none of an admin's writes that take something", async () => {
    const fetch = vi.fn<Fetch>(refused);
    const admin = createAdminClient({ url, fetch, random: () => 0 });
    await caught(admin.redrive(lease.notification));
    await caught(admin.revokeServiceToken("stk_1"));
    await caught(admin.upsertProviderKey({ provider: "anthropic", key: new Secret("k") }));
    await caught(admin.removeProviderKey("anthropic"));
    await caught(admin.upgradeRuntime("1.2.3"));
    await caught(admin.provisionRuntime({ region: "fra1" }));
    expect(fetch).toHaveBeenCalledTimes(6);
  });

  it("repeats what a droplet says: the same again changes nothing", async () => {
    const fetch = vi.fn<Fetch>(refused);
    const bootstrap = createBootstrapClient({ url, fetch, random: () => 0 });
    const bootstrapToken = new Secret("lcb_first");
    await caught(bootstrap.exchange({ bootstrapToken, serviceTokenHash: "ab".repeat(32) }));
    expect(fetch).toHaveBeenCalledTimes(3);
    await caught(bootstrap.phase({ bootstrapToken, phase: "docker", ok: true }));
    expect(fetch).toHaveBeenCalledTimes(6);
  });
});

describe("an answer that does not come", () => {
  it.each<[string, Fetch]>([
    ["headers", () => new Promise<never>(() => {})],
    ["body", async () => new Response(new ReadableStream())],
  ])("is given up after timeoutMs, whether or not fetch listens: no %s", async (_, answer) => {
    const clock = createFakeClock();
    const { fetch, port } = answeredBy(answer, { clock, timeoutMs: 5_000 });
    const call = caught(port.agents());
    for (let tries = 1; tries <= 3; tries++) {
      await settle();
      clock.advance(4_999);
      await settle();
      expect(fetch).toHaveBeenCalledTimes(tries);
      clock.advance(1);
      await settle();
      clock.advance(0);
    }
    expect(await call).toMatchObject({
      code: "ERR_CONTROL_PLANE_UNREACHABLE",
      message: expect.stringContaining("5000 ms"),
    });
    expect(fetch.mock.calls.every(([, init]) => init?.signal?.aborted)).toBe(true);
    expect(clock.waiting()).toBe(0);
  });
});

describe("what is asked", () => {
  it("is refused here as it would be there, and nothing is sent", async () => {
    const { fetch, port } = answeredBy(refused);
    const error = await caught(
      port.claim({ workerId: "w", incarnation: "i", claimId: "c", limit: 0, leaseMs: 1 }),
    );
    expect(error).toBeInstanceOf(InvalidInputError);
    expect(error.message).toContain("claim.limit");
    expect(fetch).not.toHaveBeenCalled();
  });

  it("carries a secret in clear to the line that sends it, and no further", async () => {
    const key = ["sk", "canary", "0123456789abcdef"].join("-");
    const fetch = vi.fn<Fetch>(refused);
    const admin = createAdminClient({ url, fetch });
    const error = await caught(admin.upsertProviderKey({ provider: "anthropic", key: new Secret(key) }));
    expect(fetch.mock.calls[0]?.[1]?.body).toBe(JSON.stringify({ provider: "anthropic", key }));
    expect(inspect(error, { depth: 10 })).not.toContain(key);
  });

  it("answers with secrets as Secret", async () => {
    const key = ["sk", "canary", "0123456789abcdef"].join("-");
    const { port } = answeredBy(async () =>
      Response.json({ result: { generation: 1, keys: [{ provider: "anthropic", key }] } }),
    );
    const set = await port.providerKeys();
    expect(inspect(set, { depth: 10 })).not.toContain(key);
    expect(set.keys[0]?.key.reveal()).toBe(key);
  });
});
