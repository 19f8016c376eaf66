import { DropletApiError } from "@lobstercontrol/core";
import { createFakeClock } from "@lobstercontrol/core/testing";
import { describe, expect, it } from "vitest";
import { limitCalls } from "./limit-calls.ts";
import { createFakeDigitalOcean, type FakeCallHook } from "./testing/fake-digital-ocean.ts";

const clock = createFakeClock();

function limited(options: { perMinute?: number; perHour?: number; around?: FakeCallHook } = {}) {
  const { around = () => {}, ...limits } = options;
  const fake = createFakeDigitalOcean({ clock, around, perMinute: Number.MAX_SAFE_INTEGER });
  return { calls: fake.calls, api: limitCalls(fake.api, { clock, ...limits }) };
}

async function refusalOf(call: Promise<unknown>): Promise<DropletApiError> {
  const error = await call.catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: "ERR_DROPLET_API", reason: "rateLimited", outcome: "notSent" });
  return error as DropletApiError;
}

describe("limitCalls", () => {
  it("never lets more than 250 go out in any minute, whatever asks for it", async () => {
    const { api, calls } = limited();
    for (let second = 0; second < 300; second++) {
      for (let count = 0; count < 10; count++) await api.listDroplets("x").catch(() => {});
      clock.advance(1_000);
    }
    for (const { at } of calls)
      expect(calls.filter((call) => call.at >= at && call.at < at + 60_000).length).toBeLessThanOrEqual(250);
    expect(calls.length).toBeGreaterThan(900);
  });

  it("refuses at once, says for how long, and lets the call through after that", async () => {
    const { api } = limited({ perMinute: 2 });
    await api.listDroplets("x");
    clock.advance(10_000);
    await api.createTag("x");
    const { retryAfterMs } = await refusalOf(api.getDroplet(1));
    expect(retryAfterMs).toBe(50_000);
    clock.advance(retryAfterMs!);
    await expect(api.getDroplet(1)).resolves.toBe(null);
  });

  it("keeps to the hour as well", async () => {
    const { api } = limited({ perHour: 3 });
    for (let count = 0; count < 3; count++) {
      await api.listDroplets("x");
      clock.advance(10 * 60_000);
    }
    expect((await refusalOf(api.listDroplets("x"))).retryAfterMs).toBe(30 * 60_000);
  });

  it("sends nothing while DigitalOcean wants to be left alone", async () => {
    let refuse = true;
    const { api, calls } = limited({
      around() {
        if (refuse)
          throw new DropletApiError({
            outcome: "refused",
            reason: "rateLimited",
            problem: "Too many requests.",
            retryAfterMs: 20_000,
          });
      },
    });
    await api.listDroplets("x").catch(() => {});
    refuse = false;
    expect((await refusalOf(api.listDroplets("x"))).retryAfterMs).toBe(20_000);
    expect(calls).toHaveLength(1);
    clock.advance(20_000);
    await api.listDroplets("x");
    expect(calls).toHaveLength(2);
  });

  it("is not stuck when the clock is set back", async () => {
    const { api } = limited({ perMinute: 1 });
    await api.listDroplets("x");
    clock.jump(-24 * 60 * 60_000);
    await expect(api.listDroplets("x")).resolves.toEqual([]);
  });
});
