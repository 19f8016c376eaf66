import { createFakeClock } from "@lobstercontrol/core/testing";
import { describe, expect, it, vi } from "vitest";
import { createOpenClawClient } from "../client.ts";
import { endless, inMemory } from "../test-client.ts";
import { listenMockGateway } from "../testing/listen-mock-gateway.ts";
import { createMockGateway } from "../testing/mock-gateway.ts";

const well = {
  live: true,
  ready: true,
  authorized: true,
  responsesEnabled: true,
  version: "2026.9.6",
  latencyMs: expect.any(Number),
  reason: null,
};

describe("client.probe", () => {
  it("finds a gateway well, without a single POST", async () => {
    const gateway = createMockGateway();
    const server = await listenMockGateway(gateway);

    expect(await createOpenClawClient({ baseUrl: server.url, token: gateway.token }).probe()).toEqual(well);
    expect(gateway.requests.map(({ method }) => method)).toEqual(["GET", "GET", "GET", "GET", "GET"]);
    await server.close();
  });

  it("shows the token to nobody but /v1/models", async () => {
    const { client, gateway } = inMemory();
    await client.probe();

    const shown = gateway.requests.filter(({ headers }) => headers.has("authorization"));
    expect(shown.map(({ path }) => path)).toEqual(["/v1/models"]);
  });

  it("says that a gateway is down, and does not throw", async () => {
    const server = await listenMockGateway(createMockGateway());
    await server.close();

    expect(await createOpenClawClient({ baseUrl: server.url, token: "t" }).probe()).toEqual({
      live: false,
      ready: false,
      authorized: null,
      responsesEnabled: null,
      version: null,
      latencyMs: null,
      reason: "The gateway does not answer.",
    });
  });

  it("tells a wrong token, an endpoint that is off, and a gateway that starts", async () => {
    const { client, gateway } = inMemory();

    gateway.token = "another";
    expect(await client.probe()).toMatchObject({ live: true, authorized: false, responsesEnabled: true });

    gateway.responsesEnabled = false;
    expect(await client.probe()).toMatchObject({
      authorized: null,
      responsesEnabled: false,
      reason: "POST /v1/responses is switched off.",
    });

    gateway.ready = false;
    expect(await client.probe()).toMatchObject({ live: true, ready: false });
  });

  it("leaves open what a sign-in limit hides", async () => {
    const { client, gateway } = inMemory();
    gateway.rateLimitedSeconds = 5;

    expect(await client.probe()).toMatchObject({
      live: true,
      authorized: null,
      reason: "The gateway takes no requests from this address for a while.",
    });
  });

  it("names a proxy that the gateway does not trust", async () => {
    const gateway = createMockGateway();
    const client = createOpenClawClient({
      baseUrl: "http://gateway.test",
      token: gateway.token,
      fetch: (input, init) => {
        const request = new Request(input, init);
        request.headers.set("x-forwarded-for", "203.0.113.9");
        return gateway.fetch(request);
      },
    });

    expect((await client.probe()).reason).toContain("gateway.trustedProxies");
  });

  it("reads no version of a megabyte and more", async () => {
    const { client, pulled } = endless();

    expect(await client.probe()).toMatchObject({ live: true, version: null });
    expect(pulled()).toBeLessThan(1_024 * 1_024);
  });

  it("ends when its time is up, and when the caller says so", async () => {
    const clock = createFakeClock();
    const client = createOpenClawClient({
      baseUrl: "http://gateway.test",
      token: "t",
      clock,
      fetch: () => new Promise(() => {}),
    });
    const slow = client.probe({ timeoutMs: 2_000 });
    await vi.waitUntil(() => clock.waiting() === 1);
    clock.advance(2_000);
    expect(await slow).toMatchObject({ live: false, latencyMs: null });

    expect(await client.probe({ signal: AbortSignal.abort() })).toMatchObject({
      live: null,
      ready: null,
      reason: "The probe was aborted.",
    });
    expect(clock.waiting()).toBe(0);
  });
});
