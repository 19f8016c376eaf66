import {
  DropletApiError,
  type DropletApi,
  type DropletApiReason,
  type DropletSize,
  type Logger,
} from "@lobstercontrol/core";
import { describe, expect, it } from "vitest";
import { acme, actor, createWorld, wrapCalls } from "./test-world.ts";
import { createFakeDigitalOcean, exampleSizes, type FakeCallHook } from "./testing/fake-digital-ocean.ts";

const spec = { region: "fra1" };

/** A world in which calls of one name are refused. */
function refusing(name: keyof DropletApi, reason: DropletApiReason, problem = "no.") {
  const state = { refuse: true };
  const around: FakeCallHook = (call, moment) => {
    if (state.refuse && call.name === name && moment === "before")
      throw new DropletApiError({ outcome: "refused", reason, problem, requestId: "req-1" });
  };
  return { world: createWorld({ around }), state };
}

describe("what no waiting mends", () => {
  it.each(["unauthorized", "limitReached", "invalid"] as const)(
    "fails the provisioning at once: %s, with a reason that can be read, and a retry that works",
    async (reason) => {
      const { world, state } = refusing("createDroplet", reason);
      const provisioner = world.provisioner();
      await provisioner.provision("acme", spec, actor);
      await world.settle();
      expect(await provisioner.status("acme")).toMatchObject({ state: "failed", failure: { reason } });
      expect(world.digitalOcean.calls.filter(({ name }) => name === "createDroplet")).toHaveLength(1);
      state.refuse = false;
      await provisioner.retry("acme", actor);
      await world.settle();
      expect((await provisioner.status("acme")).state).toBe("running");
    },
  );

  it("does not fail what runs, or what is being destroyed", async () => {
    const { world, state } = refusing("listDroplets", "unauthorized");
    state.refuse = false;
    const provisioner = world.provisioner();
    await provisioner.provision("acme", spec, actor);
    await world.settle();
    state.refuse = true;
    await provisioner.reconcile("acme");
    expect((await provisioner.status("acme")).state).toBe("running");
    await provisioner.destroy("acme", actor);
    await provisioner.reconcile("acme");
    expect((await provisioner.status("acme")).state).toBe("destroying");
    state.refuse = false;
    await world.pass(10 * 60_000);
    await world.settle();
    expect(world.digitalOcean.droplets()).toEqual([]);
  });
});

describe("promise 12: what the account's admin reads", () => {
  it("has none of DigitalOcean's words about the platform", async () => {
    const { world } = refusing("createDroplet", "limitReached", "your limit of 4711 droplets");
    await world.provisioner().provision("acme", spec, actor);
    await world.settle();
    expect(JSON.stringify(await world.store.read(acme))).not.toContain("4711");
  });

  it("has its words about the account's own spec, scrubbed", async () => {
    const token = ["dop", "v1", "0123456789abcdef0123456789abcdef"].join("_");
    const { world } = refusing("createDroplet", "invalid", `the image is unknown ${token}.`);
    await world.provisioner().provision("acme", spec, actor);
    await world.settle();
    const { failure } = await world.provisioner().status("acme");
    expect(failure!.message).toContain("the image is unknown");
    expect(failure!.message).not.toContain(token);
  });
});

describe("a retry while nobody knows what became of the attempt before", () => {
  it("creates nothing until that must have shown itself", async () => {
    let asked = 0;
    let mostAtOnce = 0;
    const around: FakeCallHook = ({ name }, moment) => {
      mostAtOnce = Math.max(mostAtOnce, world.digitalOcean.droplets().length);
      if (name === "createDroplet" && moment === "after" && ++asked === 1)
        throw new DropletApiError({ outcome: "unknown", reason: "timeout", problem: "no answer." });
      if (name === "listDroplets" && moment === "before" && asked === 1 && revoked)
        throw new DropletApiError({ outcome: "refused", reason: "unauthorized", problem: "no." });
    };
    let revoked = false;
    const world = createWorld({ around, lagMs: 20_000 });
    const provisioner = world.provisioner();
    await provisioner.provision("acme", spec, actor);
    await provisioner.reconcile("acme");
    revoked = true;
    await provisioner.reconcile("acme");
    expect((await provisioner.status("acme")).state).toBe("failed");
    revoked = false;
    await provisioner.retry("acme", actor);
    await world.settle();
    expect(await provisioner.status("acme")).toMatchObject({ state: "running" });
    expect(mostAtOnce).toBe(1);
  });
});

describe("a droplet that called home and was deleted by hand before anybody looked", () => {
  it("is told as gone", async () => {
    let dies = true;
    const around: FakeCallHook = ({ name }, moment) => {
      if (!dies || name !== "createDroplet" || moment !== "after") return;
      dies = false;
      throw new Error("The process dies.");
    };
    const world = createWorld({ around });
    const provisioner = world.provisioner();
    await provisioner.provision("acme", spec, actor);
    await expect(provisioner.reconcile("acme")).rejects.toThrow("dies");
    await world.pass(5 * 60_000);
    expect((await provisioner.status("acme")).state).toBe("running");

    world.digitalOcean.remove(world.digitalOcean.droplets()[0]!.id);
    expect(await provisioner.reconcile("acme")).toEqual({ state: "failed", nextInMs: 0 });
    expect((await provisioner.status("acme")).failure).toMatchObject({ reason: "dropletGone" });
    expect(await provisioner.reconcile("acme")).toEqual({ state: "failed", nextInMs: null });
  });
});

describe("a token of another team", () => {
  it("is no proof that a droplet is gone: what runs goes on, and is found again", async () => {
    const world = createWorld();
    const provisioner = world.provisioner();
    await provisioner.provision("acme", spec, actor);
    await world.settle(provisioner);
    const before = await world.store.read(acme);

    const other = createFakeDigitalOcean({ clock: world.clock, team: "staging" });
    const mistaken = world.provisioner({ api: other.api });
    for (let hours = 0; hours < 5; hours++) {
      expect((await mistaken.reconcile("acme")).state).toBe("running");
      await world.pass(60 * 60_000);
    }
    expect((await world.store.read(acme))!.trouble).toMatchObject({ reason: "unauthorized" });

    expect(await provisioner.reconcile("acme")).toMatchObject({ state: "running" });
    expect(await world.store.read(acme)).toMatchObject({ attempts: before!.attempts, trouble: null });
  });

  it("is no proof that a droplet was destroyed, either", async () => {
    const world = createWorld();
    const provisioner = world.provisioner();
    await provisioner.provision("acme", spec, actor);
    await world.settle(provisioner);
    await provisioner.destroy("acme", actor);

    const other = createFakeDigitalOcean({ clock: world.clock, team: "staging" });
    const mistaken = world.provisioner({ api: other.api });
    for (let steps = 0; steps < 20; steps++) {
      expect((await mistaken.reconcile("acme")).state).toBe("destroying");
      await world.pass(10 * 60_000);
    }
    await world.settle(provisioner);
    expect((await provisioner.status("acme")).state).toBe("destroyed");
    expect(world.digitalOcean.droplets()).toEqual([]);
  });

  it("is not asked for where it may not be: the droplet is believed gone then", async () => {
    const { world } = refusing("getAccount", "unauthorized");
    const provisioner = world.provisioner();
    await provisioner.provision("acme", spec, actor);
    await world.settle(provisioner);
    world.digitalOcean.remove(world.digitalOcean.droplets()[0]!.id);
    await world.settle(provisioner);
    expect((await provisioner.status("acme")).failure).toMatchObject({ reason: "dropletGone" });
  });
});

describe("a droplet that DigitalOcean did not know for a while", () => {
  it("is deleted before another one is created", async () => {
    const world = createWorld();
    let blind = false;
    let mostAtOnce = 0;
    const api = wrapCalls(world.digitalOcean.api, async (name, call) => {
      mostAtOnce = Math.max(mostAtOnce, world.digitalOcean.droplets().length);
      if (blind && name === "listDroplets") return [];
      if (blind && name === "getDroplet") return null;
      return await call();
    });
    const provisioner = world.provisioner({ api });
    await provisioner.provision("acme", spec, actor);
    await world.settle(provisioner);
    const [first] = world.digitalOcean.droplets();
    blind = true;
    await world.settle(provisioner);
    expect((await provisioner.status("acme")).failure).toMatchObject({ reason: "dropletGone" });

    blind = false;
    await provisioner.retry("acme", actor);
    await world.settle(provisioner);
    expect((await provisioner.status("acme")).state).toBe("running");
    expect(world.digitalOcean.droplets()).toHaveLength(1);
    expect(world.digitalOcean.droplets()[0]!.id).not.toBe(first!.id);
    expect(mostAtOnce).toBe(1);
  });
});

describe("a region that is sold out, when no size is named", () => {
  const soldOut = (): DropletSize[] =>
    exampleSizes.map((size) =>
      size.memoryMib < 2_048
        ? size
        : { ...size, regions: size.regions.filter((region) => region !== "fra1") },
    );

  it.each(["fra1", "moon1"])("leaves the fallbacks: %s", async (region) => {
    const world = createWorld({ sizes: soldOut() });
    const provisioner = world.provisioner();
    await provisioner.provision("acme", { region, fallbacks: [{ region: "ams3" }] }, actor);
    await world.settle(provisioner);
    expect((await provisioner.status("acme")).state).toBe("running");
    expect(world.digitalOcean.droplets()).toMatchObject([{ region: "ams3" }]);
  });

  it("is waited for without them", async () => {
    const sizes = soldOut();
    const world = createWorld({ sizes });
    const provisioner = world.provisioner();
    await provisioner.provision("acme", spec, actor);
    await provisioner.reconcile("acme");
    expect((await provisioner.reconcile("acme")).state).toBe("provisioning");
    expect((await world.store.read(acme))!.trouble).toMatchObject({ reason: "noCapacity" });
    sizes.splice(0, sizes.length, ...exampleSizes);
    await world.settle(provisioner);
    expect((await provisioner.status("acme")).state).toBe("running");
  });

  it("has failed the provisioning when the time is over", async () => {
    const world = createWorld({ sizes: soldOut() });
    const provisioner = world.provisioner();
    await provisioner.provision("acme", spec, actor);
    await world.settle(provisioner);
    expect((await provisioner.status("acme")).failure).toMatchObject({
      reason: "noCapacity",
      message: expect.stringContaining("fra1 has no size with 2 GiB") as string,
    });
  });
});

describe("a clock that was six hours ahead when the droplet was made, and was put right", () => {
  const sixHours = 6 * 60 * 60_000;

  it("holds up no destroying", async () => {
    const world = createWorld();
    const provisioner = world.provisioner();
    world.clock.jump(sixHours);
    await provisioner.provision("acme", spec, actor);
    await provisioner.reconcile("acme");
    world.clock.jump(-sixHours);
    await provisioner.destroy("acme", actor);
    await world.settle(provisioner, 5 * 60_000);
    expect((await provisioner.status("acme")).state).toBe("destroyed");
    expect(world.digitalOcean.droplets()).toEqual([]);
  });

  it("leaves no more time to call home", async () => {
    const world = createWorld({ silent: true });
    const provisioner = world.provisioner();
    world.clock.jump(sixHours);
    await provisioner.provision("acme", spec, actor);
    await provisioner.reconcile("acme");
    world.clock.jump(-sixHours);
    await world.settle(provisioner, 20 * 60_000);
    expect((await provisioner.status("acme")).failure).toMatchObject({ reason: "deadline" });
  });

  it("leaves no more time to be created", async () => {
    const world = createWorld({ full: new Set(["fra1"]) });
    const provisioner = world.provisioner();
    world.clock.jump(sixHours);
    await provisioner.provision("acme", spec, actor);
    world.clock.jump(-sixHours);
    await world.settle(provisioner, 20 * 60_000);
    expect((await provisioner.status("acme")).failure).toMatchObject({ reason: "noCapacity" });
  });
});

describe("a delete that was accepted and not done", () => {
  it("is asked for again until the droplet is gone", async () => {
    const world = createWorld();
    let ignored = 0;
    const api = wrapCalls(world.digitalOcean.api, async (name, call) =>
      name === "deleteDroplet" && ++ignored <= 2 ? undefined : await call(),
    );
    const provisioner = world.provisioner({ api });
    await provisioner.provision("acme", spec, actor);
    await world.settle(provisioner);
    await provisioner.destroy("acme", actor);
    await world.settle(provisioner);
    expect(world.digitalOcean.droplets()).toEqual([]);
    expect(ignored).toBe(3);
  });
});

describe("an outage of DigitalOcean", () => {
  it("makes reconcile wait longer each time, and never hammer", async () => {
    const { world, state } = refusing("listDroplets", "unavailable");
    const provisioner = world.provisioner();
    await provisioner.provision("acme", spec, actor);
    await world.settle(provisioner).catch(() => {});
    expect(world.digitalOcean.calls.length).toBeLessThan(45);
    expect(await provisioner.status("acme")).toMatchObject({
      state: "failed",
      failure: { reason: "unavailable" },
    });
    state.refuse = false;
    await provisioner.retry("acme", actor);
    await world.settle();
    expect((await provisioner.status("acme")).state).toBe("running");
  });

  it("asks for nothing before DigitalOcean wants it", async () => {
    const around: FakeCallHook = ({ name }, moment) => {
      if (name === "listDroplets" && moment === "before")
        throw new DropletApiError({
          outcome: "refused",
          reason: "rateLimited",
          problem: "too many.",
          retryAfterMs: 200_000,
        });
    };
    const world = createWorld({ around });
    const provisioner = world.provisioner();
    await provisioner.provision("acme", spec, actor);
    expect((await provisioner.reconcile("acme")).nextInMs).toBe(200_000);
    world.clock.advance(199_000);
    expect((await provisioner.reconcile("acme")).nextInMs).toBe(1_000);
    expect(world.digitalOcean.calls).toHaveLength(1);
  });
});

describe("the bootstrap token", () => {
  it("is in the user-data alone: in no record, activity, log line or tag (canary)", async () => {
    const lines: unknown[] = [];
    const keep = (...line: unknown[]): unknown => lines.push(line);
    const logger: Logger = { debug: keep, info: keep, warn: keep, error: keep };
    const tokens: string[] = [];
    const world = createWorld();
    const provisioner = world.provisioner({
      logger,
      userData({ bootstrapToken }) {
        tokens.push(bootstrapToken.reveal());
        return JSON.stringify({ bootstrapToken: bootstrapToken.reveal() });
      },
    });
    await provisioner.provision("acme", spec, actor);
    await world.settle(provisioner);
    await provisioner.destroy("acme", actor);
    await world.settle(provisioner);
    const said = JSON.stringify([
      lines,
      await world.store.read(acme),
      world.store.activities("acme"),
      await provisioner.status("acme"),
    ]);
    expect(tokens.length).toBeGreaterThan(1);
    for (const token of tokens) {
      expect(token).toMatch(/^lcb_[0-9a-f]{64}$/);
      expect(said).not.toContain(token.slice(4));
    }
  });

  it("is another one for each create", async () => {
    const tokens = new Set<string>();
    const world = createWorld();
    world.digitalOcean.full.add("fra1");
    const provisioner = world.provisioner({
      userData({ bootstrapToken }) {
        tokens.add(bootstrapToken.reveal());
        return "{}";
      },
    });
    await provisioner.provision("acme", spec, actor);
    await world.settle(provisioner);
    const creates = world.digitalOcean.calls.filter(({ name }) => name === "createDroplet").length;
    expect(creates).toBeGreaterThan(1);
    // And the one that `provision` renders with, which opens nothing.
    expect(tokens.size).toBe(creates + 1);
  });
});
