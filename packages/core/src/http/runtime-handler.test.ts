import { describe, expect, it } from "vitest";
import { LobsterError } from "../error.ts";
import { limits } from "../limits.ts";
import { LeaseLostError } from "../notification/errors.ts";
import type { BootstrapPort } from "../ports/bootstrap.ts";
import { Secret } from "../secret.ts";
import { createFakeClock } from "../testing/fake-clock.ts";
import { createRuntimeHandler } from "./runtime-handler.ts";
import { controlPlaneOf, errorOf, goodToken, keepingLogger, lease, post } from "./test-ports.ts";

const released: unknown[] = [];
const controlPlane = controlPlaneOf({
  release: async (proof) => void released.push(proof),
  complete: async () => ({ message: "posted" }),
});
const handler = createRuntimeHandler({ controlPlane });

describe("a call", () => {
  it("is made with what was sent, and answered as JSON that nobody may keep", async () => {
    const response = await handler(post("/v1/runtime/release", { lease }));
    expect(released).toEqual([lease]);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ result: null });
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("content-type")).toMatch(/^application\/json/);
  });

  it("is below the prefix, and nowhere else", async () => {
    const prefixed = createRuntimeHandler({ controlPlane, prefix: "/lobster/a" });
    expect((await prefixed(post("/lobster/a/v1/runtime/release", { lease }))).status).toBe(200);
    expect((await prefixed(post("/v1/runtime/release", { lease }))).status).toBe(404);
  });

  it.each(["lobster", "/lobster/", "/", "/a?b"])("has no prefix %o", (prefix) => {
    expect(() => createRuntimeHandler({ controlPlane, prefix })).toThrow("prefix");
  });
});

describe("a request that is none of ours", () => {
  it.each([
    ["an unknown call", "/v1/runtime/nothing"],
    ["a name that every object has", "/v1/runtime/constructor"],
    ["another version", "/v2/runtime/release"],
    ["an admin call", "/v1/admin/notifications"],
    ["a bootstrap call, where there is no bootstrap", "/v1/bootstrap/exchange"],
    ["the root", "/"],
  ])("is refused: %s", async (_, path) => {
    const response = await handler(post(path, {}));
    expect(response.status).toBe(404);
    expect(await errorOf(response)).toMatchObject({
      code: "ERR_INVALID_INPUT",
      message: expect.stringContaining("path"),
    });
  });

  it.each(["GET", "PUT", "DELETE", "OPTIONS", "HEAD"])("is refused: %s", async (method) => {
    const response = await handler(new Request("https://platform.test/v1/runtime/release", { method }));
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("POST");
  });

  it.each(["text/plain", "application/x-www-form-urlencoded", "text/plain, application/json", ""])(
    "is refused: content type %o",
    async (type) => {
      const response = await handler(post("/v1/runtime/release", { lease }, { "content-type": type }));
      expect(response.status).toBe(415);
      expect((await errorOf(response))["message"]).toContain("content-type");
    },
  );

  it("may name a character set", async () => {
    const type = { "content-type": "Application/JSON; charset=utf-8" };
    expect((await handler(post("/v1/runtime/release", { lease }, type))).status).toBe(200);
  });
});

describe("whoever asks", () => {
  it.each([
    ["no token", ""],
    ["another scheme", `Basic ${goodToken}`],
    ["no scheme", goodToken],
    ["another token", "Bearer lcs_nobody"],
    ["more than a token", `Bearer ${goodToken} x`],
    ["a session of an admin", "Bearer session-of-user-1"],
  ])("is refused with %s", async (_, authorization) => {
    const response = await handler(post("/v1/runtime/release", { lease }, { authorization }));
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe("Bearer");
    expect(await errorOf(response)).toMatchObject({ code: "ERR_UNAUTHORIZED" });
  });

  it("is refused with a cookie alone, or a token in the address: they are in nobody's logs", async () => {
    const cookie = { authorization: "", cookie: `session=${goodToken}` };
    expect((await handler(post("/v1/runtime/release", { lease }, cookie))).status).toBe(401);
    const path = `/v1/runtime/release?token=${goodToken}`;
    expect((await handler(post(path, { lease }, { authorization: "" }))).status).toBe(401);
  });
});

describe("a body that is none of ours", () => {
  it.each([
    ["no JSON", "{"],
    ["nothing", ""],
    ["another type", "[]"],
    ["a field too few", "{}"],
    ["a field too many", { lease, more: 1 }],
    ["a field too many inside", { lease: { ...lease, account: "acme" } }],
    ["another account's way of naming", { lease: { notification: "1", id: "2" } }],
  ])("is refused: %s", async (_, body) => {
    const before = released.length;
    const response = await handler(post("/v1/runtime/release", body));
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ code: "ERR_INVALID_INPUT", retryable: false });
    expect(released).toHaveLength(before);
  });

  it("is refused: bytes that are no UTF-8", async () => {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new Uint8Array([0x7b, 0xff, 0x7d]));
        controller.close();
      },
    });
    expect((await errorOf(await handler(post("/v1/runtime/release", body))))["message"]).toContain("UTF-8");
  });

  it("names the field and does not repeat its value", async () => {
    const response = await handler(post("/v1/runtime/renew", { lease, leaseMs: "canary" }));
    const text = await response.text();
    expect(text).toContain("renew.leaseMs");
    expect(text).not.toContain("canary");
  });
});

describe("a body that is too large", () => {
  /** Sends pieces for as long as somebody reads. */
  function endless(pieceBytes: number): {
    body: ReadableStream<Uint8Array>;
    sent: () => number;
    cancelled: () => boolean;
  } {
    let sent = 0;
    let cancelled = false;
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          sent += pieceBytes;
          controller.enqueue(new Uint8Array(pieceBytes).fill(0x20));
        },
        cancel() {
          cancelled = true;
        },
      },
      { highWaterMark: 0 },
    );
    return { body, sent: () => sent, cancelled: () => cancelled };
  }

  it("is read no further than its limit, and not cut off, so that the answer gets through", async () => {
    const { body, sent, cancelled } = endless(1_024);
    const response = await handler(post("/v1/runtime/release", body));
    expect(response.status).toBe(413);
    expect(await errorOf(response)).toMatchObject({ code: "ERR_TOO_LARGE" });
    expect(sent()).toBe(64 * 1_024 + 1_024);
    expect(cancelled()).toBe(false);
  });

  it("is not read at all when it says so beforehand", async () => {
    const { body, sent } = endless(1_024);
    const declared = { "content-length": String(10 * 1_024 * 1_024) };
    const response = await handler(post("/v1/runtime/release", body, declared));
    expect(response.status).toBe(413);
    expect(sent()).toBe(0);
  });

  it("has room for the longest reply, however JSON has to write it", async () => {
    const text = "\u0001".repeat(limits.replyBytes);
    const outcome = { kind: "reply", text, responseId: null };
    expect((await handler(post("/v1/runtime/complete", { lease, outcome }))).status).toBe(200);
    const longer = { ...outcome, text: `${text}${text}` };
    expect((await handler(post("/v1/runtime/complete", { lease, outcome: longer }))).status).toBe(413);
  });
});

describe("a body that does not come", () => {
  it("is waited for no longer than 30 seconds", async () => {
    const clock = createFakeClock();
    const slow = createRuntimeHandler({ controlPlane, clock });
    let push: (bytes: Uint8Array) => void;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => void (push = (bytes) => controller.enqueue(bytes)),
    });
    const answer = slow(post("/v1/runtime/release", body));
    push!(new TextEncoder().encode('{"lease":'));
    while (clock.waiting() === 0) await Promise.resolve();
    clock.advance(30_000);
    const response = await answer;
    expect(response.status).toBe(408);
    expect(await errorOf(response)).toMatchObject({ code: "ERR_CONTROL_PLANE_UNREACHABLE", retryable: true });
    expect(clock.waiting()).toBe(0);
  });

  it("is nobody's failure when its sender has gone", async () => {
    const logger = keepingLogger();
    const body = new ReadableStream({ start: (controller) => controller.error(new Error("reset")) });
    const response = await createRuntimeHandler({ controlPlane, logger })(post("/v1/runtime/release", body));
    expect(response.status).toBe(408);
    expect(logger.lines).toEqual([]);
  });
});

describe("what the control plane throws", () => {
  const canary = "canary-of-the-control-plane";
  const failing = (error: Error, logger = keepingLogger()) => ({
    logger,
    ask: () =>
      createRuntimeHandler({
        controlPlane: controlPlaneOf({
          release: async () => {
            throw error;
          },
        }),
        logger,
      })(post("/v1/runtime/release", { lease })),
  });

  it("is told with code, message, hint, docs and whether to try again, and without cause and stack", async () => {
    const error = new LeaseLostError(lease);
    const { logger, ask } = failing(Object.assign(error, { cause: canary }));
    const response = await ask();
    expect(response.status).toBe(409);
    const text = await response.text();
    expect(JSON.parse(text)).toEqual({ error: error.toJSON() });
    expect(text).not.toMatch(/canary|stack|cause|\.ts/);
    expect(logger.lines).toEqual([]);
  });

  it("is a failure without words when it is no error of ours; the log has them, without the token", async () => {
    const { logger, ask } = failing(new Error(`${canary} for ${goodToken}`));
    const response = await ask();
    expect(response.status).toBe(500);
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ error: { code: "ERR_UNEXPECTED", retryable: true } });
    expect(text).not.toContain(canary);
    expect(JSON.stringify(logger.lines)).toContain(canary);
    expect(JSON.stringify(logger.lines)).not.toContain(goodToken);
  });

  it.each([
    [true, 503],
    [false, 500],
  ])(
    "of a package of its own is told, and may be tried again: retryable %s is %i",
    async (retryable, status) => {
      const error = new LobsterError({ code: "ERR_STORE", message: "Full.", hint: "Free some.", retryable });
      const { logger, ask } = failing(error);
      const response = await ask();
      expect(response.status).toBe(status);
      // A control plane that was closed, or whose disk failed, is started again; who called must still be there then.
      expect(await errorOf(response)).toMatchObject({ code: "ERR_STORE", message: "Full.", retryable: true });
      expect(logger.lines).toHaveLength(1);
    },
  );

  it("may be thrown at once, before there is a port", async () => {
    const logger = keepingLogger();
    const broken = createRuntimeHandler({
      controlPlane: {
        runtime: () => {
          throw new Error(canary);
        },
      },
      logger,
    });
    expect((await broken(post("/v1/runtime/agents", {}))).status).toBe(500);
    expect(JSON.stringify(logger.lines)).toContain(canary);
  });
});

describe("an answer", () => {
  it("has what its port says it has and nothing more, and a secret in clear only where it is one", async () => {
    const key = ["sk", "canary", "0123456789abcdef"].join("-");
    const leaky = createRuntimeHandler({
      controlPlane: controlPlaneOf({
        providerKeys: async () => ({
          generation: 2,
          keys: [{ provider: "anthropic", key: new Secret(key), envelope: "sealed" }],
          ring: "master",
        }),
      }),
    });
    const response = await leaky(post("/v1/runtime/providerKeys", {}));
    expect(await response.json()).toEqual({
      result: { generation: 2, keys: [{ provider: "anthropic", key }] },
    });
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  it("that is none of the port's is a failure of the control plane", async () => {
    const wrong = createRuntimeHandler({
      controlPlane: controlPlaneOf({ agents: async () => ({ revision: "1" }) as never }),
    });
    expect((await wrong(post("/v1/runtime/agents", {}))).status).toBe(500);
  });
});

describe("a droplet on its first boot", () => {
  const calls: unknown[] = [];
  const bootstrap: BootstrapPort = {
    async exchange({ bootstrapToken, serviceTokenHash }) {
      calls.push([bootstrapToken.reveal(), serviceTokenHash]);
      return { account: "acme" as never };
    },
    async phase({ bootstrapToken, ...phase }) {
      calls.push([bootstrapToken.reveal(), phase]);
    },
  };
  const booting = createRuntimeHandler({ controlPlane: { ...controlPlane, bootstrap } });
  const headers = { authorization: "Bearer lcb_first" };

  it("is known by the token in its header", async () => {
    const serviceTokenHash = "ab".repeat(32);
    const response = await booting(post("/v1/bootstrap/exchange", { serviceTokenHash }, headers));
    expect(await response.json()).toEqual({ result: { account: "acme" } });
    const phase = { phase: "docker", ok: false, stderrTail: "no space" };
    expect((await booting(post("/v1/bootstrap/phase", phase, headers))).status).toBe(200);
    expect(calls).toEqual([
      ["lcb_first", serviceTokenHash],
      ["lcb_first", phase],
    ]);
  });

  it("is refused without one, and with a hash that is none", async () => {
    const none = { authorization: "" };
    expect((await booting(post("/v1/bootstrap/phase", { phase: "x", ok: true }, none))).status).toBe(401);
    const bad = { serviceTokenHash: goodToken };
    expect((await booting(post("/v1/bootstrap/exchange", bad, headers))).status).toBe(400);
  });
});
