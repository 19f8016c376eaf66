import { createOpenClawClient } from "@lobstercontrol/openclaw-client";
import { describe, expect, it } from "vitest";
import { freePort } from "../../examples/quickstart/gateway/port.ts";
import { describeGateway, test } from "./fixture.ts";

describeGateway("a probe of a real gateway", () => {
  test("lists its agents", async ({ gateway }) => {
    expect((await gateway.client.models()).toSorted()).toEqual(["reviewer", "writer"]);
  });

  test("finds it in good order, and makes no run", async ({ gateway, models }) => {
    const before = models.calls.length;

    expect(await gateway.client.probe()).toEqual({
      live: true,
      ready: true,
      authorized: true,
      responsesEnabled: true,
      version: "2026.9.6",
      latencyMs: expect.any(Number),
      reason: null,
    });
    expect(models.calls).toHaveLength(before);
  });

  test("finds that the token is wrong", async ({ gateway }) => {
    const probe = await createOpenClawClient({ baseUrl: gateway.url, token: "wrong" }).probe();

    expect(probe).toMatchObject({ live: true, ready: true, authorized: false });
  });
});

describe("a probe of a port where nobody listens", () => {
  it("finds that the gateway is down", async () => {
    const baseUrl = `http://127.0.0.1:${await freePort()}`;
    const probe = await createOpenClawClient({ baseUrl, token: "any" }).probe();

    expect(probe).toMatchObject({ live: false, ready: false, authorized: null, responsesEnabled: null });
  });
});
