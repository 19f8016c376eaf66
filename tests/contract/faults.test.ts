import type { DropletApi, DropletApiOutcome, DropletApiReason } from "@lobstercontrol/core";
import { DropletApiError } from "@lobstercontrol/core";
import { describe, expect, it } from "vitest";
import type { FaultKind } from "./fake/types.ts";
import { calls, callNames, createWorld, hasDocument, newDroplet, refusing } from "./world.ts";

interface Expected {
  outcome: DropletApiOutcome;
  reason: DropletApiReason;
  status: number | null;
  retryAfterMs?: number;
}

/** What each fault is for whoever called. */
const faults: Record<FaultKind, Expected> = {
  silence: { outcome: "unknown", reason: "timeout", status: null },
  reset: { outcome: "unknown", reason: "unreachable", status: null },
  cutBody: { outcome: "unknown", reason: "unreachable", status: null },
  truncated: { outcome: "unknown", reason: "garbled", status: expect.any(Number) },
  otherJson: { outcome: "unknown", reason: "garbled", status: expect.any(Number) },
  html502: { outcome: "unknown", reason: "unavailable", status: 502 },
  html404: { outcome: "unknown", reason: "garbled", status: 404 },
  redirect: { outcome: "unknown", reason: "garbled", status: 302 },
  "500": { outcome: "unknown", reason: "unavailable", status: 500 },
  "503": { outcome: "unknown", reason: "unavailable", status: 503 },
  "429": { outcome: "refused", reason: "rateLimited", status: 429, retryAfterMs: 30_000 },
  "429-hourly": { outcome: "refused", reason: "rateLimited", status: 429, retryAfterMs: 600_000 },
  "401": { outcome: "refused", reason: "unauthorized", status: 401 },
  "403": { outcome: "refused", reason: "unauthorized", status: 403 },
  "409": { outcome: "refused", reason: "conflict", status: 409 },
  "422": { outcome: "refused", reason: "invalid", status: 422 },
};
const kinds = Object.keys(faults) as FaultKind[];

/** Their 2xx says all that there is to say: what stands in the answer is not read. */
const unread = new Set<keyof DropletApi>(["deleteDroplet", "deleteFirewall", "deleteTag", "createTag"]);
const cases = callNames.flatMap((name) =>
  kinds.flatMap((kind) =>
    (refusing.has(kind) ? [false] : [false, true]).map((effect) => ({ name, kind, effect })),
  ),
);

describe.skipIf(!hasDocument)("every call × every fault: sent once, and told truly how far it got", () => {
  it.each(cases)("$name, $kind, done all the same: $effect", async ({ name, kind, effect }) => {
    const world = await createWorld({ timeoutMs: 5_000 });
    world.fake.fail({ kind, effect });
    const call = calls[name](world);
    if (unread.has(name) && kind === "otherJson") {
      await call;
      return;
    }
    // A tag that somebody else made in the meantime is there, which is all that was wanted.
    if (name === "createTag" && kind === "409") {
      await call;
      return;
    }
    const failed = call.then(
      () => null,
      (error: unknown) => error,
    );
    if (kind === "silence") {
      await until(() => world.fake.requests.length === 1);
      world.clock.advance(5_000);
    }
    const error = await failed;

    expect(error).toMatchObject({ code: "ERR_DROPLET_API", ...faults[kind] });
    expect(DropletApiError.isInstance(error)).toBe(true);
    expect(error).toBeInstanceOf(Error);
    // No repetition, not even later: nothing waits.
    world.clock.advance(600_000);
    expect(world.fake.requests).toHaveLength(1);
    expect(world.clock.waiting()).toBe(0);
  });

  it("has so many cases", () => {
    expect(cases).toHaveLength(callNames.length * (kinds.length + kinds.length - refusing.size));
  });

  it("tells DigitalOcean's id of the request", async () => {
    const world = await createWorld();
    world.fake.fail({ kind: "500" });

    await expect(world.api.getAccount()).rejects.toMatchObject({
      requestId: "00000000-0000-4000-9000-00000000fa17",
      message: "DigitalOcean: getAccount was answered with status 500: Something went wrong.",
    });
  });

  it("does what the fault says: with the effect the droplet is there, without it there is none", async () => {
    for (const effect of [true, false]) {
      const world = await createWorld();
      const before = world.fake.droplets().length;
      world.fake.fail({ kind: "truncated", effect });

      await expect(world.api.createDroplet(newDroplet())).rejects.toMatchObject({ outcome: "unknown" });

      expect(world.fake.droplets()).toHaveLength(before + (effect ? 1 : 0));
    }
  });
});

describe.skipIf(!hasDocument)("why DigitalOcean refused", () => {
  it.each([
    ["creating this/these droplet(s) will exceed your droplet limit", "limitReached"],
    ["Size is not available in this region.", "noCapacity"],
    ["Region is not available", "noCapacity"],
    ["The size is currently unavailable", "noCapacity"],
    ["Droplet already has a pending event.", "conflict"],
    ["duplicate name", "conflict"],
    ["You specified an invalid region for Droplet creation.", "invalid"],
    ["You specified an invalid image for Droplet creation.", "invalid"],
    ["Image is not available in the selected region", "invalid"],
    ["17 are invalid key identifiers for Droplet creation.", "invalid"],
    ["Name Only valid hostname characters are allowed. (a-z, A-Z, 0-9, . and -)", "invalid"],
    ["", "invalid"],
  ])("422 %j is %s", async (message, reason) => {
    const world = await createWorld();
    world.fake.fail({ kind: "422", message });

    await expect(world.api.createDroplet(newDroplet())).rejects.toMatchObject({
      outcome: "refused",
      reason,
      status: 422,
    });
  });

  it("is no capacity where DigitalOcean names other regions", async () => {
    const world = await createWorld();
    world.fake.sellOut("s-1vcpu-2gb", "fra1");

    await expect(world.api.createDroplet(newDroplet())).rejects.toMatchObject({
      outcome: "refused",
      reason: "noCapacity",
    });
    await world.api.createDroplet(newDroplet({ region: "ams3" }));
  });

  it("is no capacity where it does so in words that nobody knows", async () => {
    const { api } = await createWorld({
      fetch: async () =>
        Response.json(
          { id: "unprocessable_entity", message: "Full.", error_attributes: { available_regions: ["ams3"] } },
          { status: 422 },
        ),
    });

    await expect(api.createDroplet(newDroplet())).rejects.toMatchObject({ reason: "noCapacity" });
  });

  it("is the droplet limit at the limit", async () => {
    const world = await createWorld({ dropletLimit: 1 });

    await expect(world.api.createDroplet(newDroplet())).rejects.toMatchObject({
      outcome: "refused",
      reason: "limitReached",
    });
  });

  it("is a conflict while something else is going on with the droplet", async () => {
    const world = await createWorld();
    await world.api.dropletAction(world.dropletId, "power_off");

    await expect(world.api.dropletAction(world.dropletId, "power_on")).rejects.toMatchObject({
      outcome: "refused",
      reason: "conflict",
    });
  });

  it("is a conflict where the name of a firewall is taken", async () => {
    const world = await createWorld();

    await expect(
      world.api.createFirewall({ name: "lobster-acme", tags: [], inbound: [] }),
    ).rejects.toMatchObject({ outcome: "refused", reason: "conflict", status: 409 });
  });

  it("is the spec where a firewall names a tag that does not exist", async () => {
    const world = await createWorld();

    await expect(
      world.api.createFirewall({ name: "lobster-x", tags: ["lobster:nobody"], inbound: [] }),
    ).rejects.toMatchObject({ outcome: "refused", reason: "invalid" });
  });

  it("is the token where it is wrong or lacks a scope", async () => {
    const wrong = await createWorld({ token: "another" });
    const world = await createWorld({ scopes: ["droplet:read"] });

    await expect(world.api.createDroplet(newDroplet())).rejects.toMatchObject({
      reason: "unauthorized",
      status: 403,
    });
    await expect(wrong.api.getAccount()).resolves.toBeDefined();
    wrong.fake.fail({ kind: "401" });
    await expect(wrong.api.getAccount()).rejects.toMatchObject({ reason: "unauthorized", status: 401 });
  });
});

/** Lets what has been started go on until something is so. */
async function until(isSo: () => boolean): Promise<void> {
  for (let turns = 0; !isSo(); turns++) {
    if (turns > 1_000) throw new Error("It never was.");
    await new Promise((resolve) => setImmediate(resolve));
  }
}
