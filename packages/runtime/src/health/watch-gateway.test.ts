import { createFakeClock } from "@lobstercontrol/core/testing";
import { statusOf } from "@lobstercontrol/core";
import type { GatewayProbe } from "@lobstercontrol/openclaw-client";
import { describe, expect, it } from "vitest";
import { createConditions } from "./conditions.ts";
import { gatewayFindings } from "./gateway-findings.ts";
import { watchGateway } from "./watch-gateway.ts";

const good: GatewayProbe = {
  live: true,
  ready: true,
  authorized: true,
  responsesEnabled: true,
  version: "2026.9.6",
  latencyMs: 3,
  reason: null,
};
const down: GatewayProbe = {
  live: false,
  ready: false,
  authorized: null,
  responsesEnabled: null,
  version: null,
  latencyMs: null,
  reason: "The gateway does not answer.",
};

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

function openWatch(probeMs = 15_000) {
  const clock = createFakeClock();
  const conditions = createConditions(clock);
  const gateway = { now: good, asked: 0 };
  const client = {
    async probe() {
      gateway.asked++;
      return gateway.now;
    },
  };
  const watch = watchGateway({ client, conditions, probeMs, clock });
  return {
    clock,
    gateway,
    watch,
    status: () => statusOf(conditions.list()),
    reasons: () => Object.fromEntries(conditions.list().map(({ type, reason }) => [type, reason])),
  };
}

describe("what a probe says", () => {
  it.each<[string, Partial<GatewayProbe>, string[]]>([
    ["all is well", {}, ["true Ready", "true TokenAccepted", "true Enabled"]],
    ["it is gone", down, ["false NoAnswer", "unknown NotAnswered", "unknown NotAnswered"]],
    [
      "it starts",
      { ready: false, authorized: null },
      ["false NotReady", "unknown NotAnswered", "true Enabled"],
    ],
    ["the token is wrong", { authorized: false }, ["true Ready", "false TokenRefused", "true Enabled"]],
    [
      "the endpoint is off",
      { responsesEnabled: false, authorized: null },
      ["true Ready", "unknown NotAnswered", "false Disabled"],
    ],
    ["it does not tell", { ready: null }, ["unknown NotAnswered", "true TokenAccepted", "true Enabled"]],
  ])("%s", (_, probe, said) => {
    const findings = Object.values(gatewayFindings({ ...good, ...probe }));
    expect(findings.map(({ status, reason }) => `${status} ${reason}`)).toEqual(said);
  });
});

describe("promise 11: what is wrong with the gateway", () => {
  it("shows within one interval, and recovers within two", async () => {
    const { clock, gateway, watch, status, reasons } = openWatch();
    watch.start();
    await settle();
    expect([status(), watch.version()]).toEqual(["online", "2026.9.6"]);
    gateway.now = down;
    clock.advance(9_999);
    await settle();
    expect(status()).toBe("online");
    clock.advance(1);
    await settle();
    expect([status(), reasons()["GatewayReachable"]]).toEqual(["error", "NoAnswer"]);
    gateway.now = good;
    clock.advance(15_000);
    await settle();
    expect(status()).toBe("online");
    // What it was is known while it is away.
    expect(watch.version()).toBe("2026.9.6");
  });

  it("shows within a second to whoever has a reason to look", async () => {
    const { clock, gateway, watch, status } = openWatch();
    watch.start();
    await settle();
    gateway.now = down;
    for (let failed = 0; failed < 50; failed++) watch.look();
    clock.advance(1_000);
    await settle();
    expect([status(), gateway.asked]).toEqual(["error", 2]);
  });

  it("is not looked at more than once a second, however much fails", async () => {
    const { clock, gateway, watch } = openWatch();
    watch.start();
    for (let tick = 0; tick < 100; tick++) {
      watch.look();
      clock.advance(100);
      await settle();
    }
    expect(gateway.asked).toBeLessThanOrEqual(11);
    expect(gateway.asked).toBeGreaterThan(8);
  });

  it("is not looked at any more when the watch is over", async () => {
    const { clock, gateway, watch } = openWatch();
    watch.start();
    await settle();
    watch.stop();
    watch.look();
    clock.advance(60_000);
    await settle();
    expect([gateway.asked, clock.waiting()]).toEqual([1, 0]);
  });
});
