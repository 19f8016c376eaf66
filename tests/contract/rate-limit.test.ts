import { describe, expect, it } from "vitest";
import { createWorld, expectByTheDocument, hasDocument, newDroplet } from "./world.ts";

describe.skipIf(!hasDocument)("DigitalOcean's limits", () => {
  const refusedHere = { outcome: "notSent", reason: "rateLimited", status: null };

  it("are kept from here: 240 requests a minute, and the next is not sent", async () => {
    const world = await createWorld();
    for (let number = 0; number < 240; number++) await world.api.getDroplet(world.dropletId);

    world.clock.advance(20_000);
    await expect(world.api.getAccount()).rejects.toMatchObject({ ...refusedHere, retryAfterMs: 40_000 });
    expect(world.fake.requests).toHaveLength(240);

    world.clock.advance(40_000);
    await world.api.getAccount();
    expectByTheDocument(world);
  });

  it("are ten a minute for SSH keys, and nothing else waits for those", async () => {
    const world = await createWorld();
    for (let number = 0; number < 10; number++) await world.api.listSshKeys();

    await expect(world.api.listSshKeys()).rejects.toMatchObject({ ...refusedHere, retryAfterMs: 60_000 });
    await world.api.getAccount();
    world.clock.advance(60_000);
    await world.api.listSshKeys();
  });

  it("stop everything for as long as a 429 says", async () => {
    const world = await createWorld();
    world.fake.fail({ kind: "429" });
    await expect(world.api.getAccount()).rejects.toMatchObject({ status: 429, retryAfterMs: 30_000 });

    world.clock.advance(29_000);
    await expect(world.api.createDroplet(newDroplet())).rejects.toMatchObject({
      ...refusedHere,
      retryAfterMs: 1_000,
    });
    world.clock.advance(1_000);
    await world.api.createDroplet(newDroplet());

    expect(world.fake.requests).toHaveLength(2);
  });

  it("stop everything when nothing is left of the hour", async () => {
    const world = await createWorld({ rateLimit: { perHour: 3, perMinute: 250 } });
    for (let number = 0; number < 3; number++) {
      await world.api.getAccount();
      world.clock.advance(1_000);
    }

    await expect(world.api.getAccount()).rejects.toMatchObject({ ...refusedHere, retryAfterMs: 3_597_000 });
    expect(world.fake.requests).toHaveLength(3);
    world.clock.advance(3_597_000);
    await world.api.getAccount();
    expectByTheDocument(world);
  });

  it("of somebody else with the same token are DigitalOcean's to tell, by a 429", async () => {
    const world = await createWorld({ rateLimit: { perHour: 5_000, perMinute: 1 } });
    await world.api.getAccount();

    await expect(world.api.getAccount()).rejects.toMatchObject({
      outcome: "refused",
      reason: "rateLimited",
      status: 429,
      retryAfterMs: 60_000,
    });
    expectByTheDocument(world);
  });

  it("do not stop for longer than an hour, whatever an answer says", async () => {
    const { api, clock } = await createWorld({
      fetch: async () =>
        Response.json(
          { id: "too_many_requests", message: "no" },
          { status: 429, headers: { "retry-after": "999999999" } },
        ),
    });

    await expect(api.getAccount()).rejects.toMatchObject({ status: 429, retryAfterMs: 3_600_000 });
    clock.advance(3_600_000);
    await expect(api.getAccount()).rejects.toMatchObject({ status: 429 });
  });

  it("stop nothing when an answer does not say for how long", async () => {
    const { api } = await createWorld({
      fetch: async () =>
        Response.json(
          { id: "too_many_requests", message: "no" },
          { status: 429, headers: { "retry-after": "soon" } },
        ),
    });

    await expect(api.getAccount()).rejects.toMatchObject({ status: 429, retryAfterMs: null });
    await expect(api.getAccount()).rejects.toMatchObject({ status: 429 });
  });

  it("do not hold for good when the clock is set back", async () => {
    const world = await createWorld();
    for (let number = 0; number < 240; number++) await world.api.getDroplet(world.dropletId);
    world.fake.fail({ kind: "429" });

    world.clock.jump(-24 * 3_600_000);

    await expect(world.api.getAccount()).rejects.toMatchObject({ status: 429 });
    world.clock.jump(-24 * 3_600_000);
    await world.api.getAccount();
  });
});
