import {
  BootstrapTokenError,
  createBootstrapPort,
  hashToken,
  noteReport,
  Secret,
  updateRecord,
  type ProvisionStore,
} from "@lobstercontrol/core";
import { describe, expect, it } from "vitest";
import { storeFaults } from "../tests/crash/faults.ts";
import { acme, actor, createWorld, wrapCalls, type World } from "./test-world.ts";

/** What a droplet keeps on its disk. */
interface Disk {
  serviceToken: Secret | null;
  up: boolean;
}

/** A step of a first boot. What it does may be done again, after the power was cut. */
const steps = ["store a service token", "exchange", "report a phase", "report"] as const;
type Step = (typeof steps)[number];

/** A droplet by hand, since the ones of the world do not lose their power. */
function createDroplet(
  world: World,
  options: { disk?: Disk; bootstrapToken: Secret; dropletId: number; store?: ProvisionStore },
) {
  const {
    bootstrapToken,
    dropletId,
    disk = { serviceToken: null, up: false },
    store = world.store,
  } = options;
  const bootstrap = createBootstrapPort({ store, clock: world.clock });
  const run: Record<Step, () => Promise<void>> = {
    async "store a service token"() {
      disk.serviceToken ??= new Secret(`service token ${crypto.randomUUID()}`);
    },
    async exchange() {
      const serviceTokenHash = await hashToken(disk.serviceToken!);
      await bootstrap.exchange({ bootstrapToken, serviceTokenHash, dropletId });
    },
    "report a phase": () => bootstrap.phase({ bootstrapToken, phase: "start", ok: true }),
    async report() {
      const hash = await hashToken(disk.serviceToken!);
      expect(world.store.serviceTokens(acme)).toContain(hash);
      await updateRecord(
        store,
        () => store.read(acme),
        (record) => record && noteReport(record, hash, world.clock.now()),
      );
      disk.up = true;
    },
  };
  return {
    disk,
    /** Boots, and stops after a step: before its answer is heard, as far as the droplet can tell. */
    async boot(until: Step = "report"): Promise<void> {
      for (const step of steps) {
        await run[step]();
        if (step === until) return;
      }
    },
  };
}

/** A world whose one droplet waits for somebody to boot it. */
async function createdDroplet(): Promise<{ world: World; bootstrapToken: Secret; dropletId: number }> {
  const world = createWorld({ silent: true });
  await world.provisioner().provision("acme", { region: "fra1" }, actor);
  await world.provisioner().reconcile("acme");
  const [droplet] = world.digitalOcean.droplets();
  const { bootstrapToken } = JSON.parse(droplet!.userData) as { bootstrapToken: string };
  return { world, bootstrapToken: new Secret(bootstrapToken), dropletId: droplet!.id };
}

const stateOf = async (world: World) => (await world.provisioner().status("acme")).state;

describe("a droplet that loses its power between any two steps", () => {
  it.each(steps.flatMap((first) => steps.map((second) => [first, second] as const)))(
    'calls home in the end: cut after "%s", then after "%s"',
    async (first, second) => {
      const { world, ...token } = await createdDroplet();
      const droplet = createDroplet(world, token);
      await droplet.boot(first);
      await droplet.boot(second);
      await droplet.boot();
      await world.provisioner().reconcile("acme");
      expect(await stateOf(world)).toBe("running");
      expect(world.store.serviceTokens("acme")).toEqual([await hashToken(droplet.disk.serviceToken!)]);
      expect(world.activities().filter((type) => type === "runtime_bootstrapped")).toHaveLength(1);
      expect(world.activities()).not.toContain("bootstrap_refused");
    },
  );

  it("calls home again long after, with the token that it has", async () => {
    const { world, ...token } = await createdDroplet();
    const droplet = createDroplet(world, token);
    await droplet.boot();
    world.clock.advance(30 * 24 * 60 * 60_000);
    await droplet.boot();
    expect(await stateOf(world)).toBe("running");
  });

  it("is refused, and not another one's, when its disk was lost with its service token", async () => {
    const { world, ...token } = await createdDroplet();
    await createDroplet(world, token).boot();
    await expect(createDroplet(world, token).boot()).rejects.toThrow(BootstrapTokenError);
    expect(world.activities()).toContain("bootstrap_refused");
    expect(await stateOf(world)).toBe("running");
  });
});

describe("a store that fails under a droplet that calls home", () => {
  it("loses nothing: the droplet says it again, until it is heard", async () => {
    let cases = 0;
    for (let failing = 1; ; failing++) {
      let calls = 0;
      for (const fault of storeFaults) {
        const { world, ...token } = await createdDroplet();
        calls = 0;
        const store = wrapCalls(world.store, async (_, call) => {
          const isFaulty = ++calls === failing;
          if (isFaulty && fault.before !== null) throw fault.before(world.clock);
          const answer = await call();
          if (isFaulty && fault.after !== null) throw fault.after(world.clock);
          return answer;
        });
        const droplet = createDroplet(world, { ...token, store });
        for (let tries = 0; !droplet.disk.up && tries < 3; tries++) await droplet.boot().catch(() => {});
        cases += 1;
        expect(droplet.disk.up).toBe(true);
        expect(await stateOf(world)).toBe("running");
        expect(world.store.serviceTokens("acme")).toEqual([await hashToken(droplet.disk.serviceToken!)]);
        for (const type of ["runtime_bootstrapped", "runtime_provisioned"])
          expect(world.activities().filter((each) => each === type)).toHaveLength(1);
      }
      if (calls < failing) break;
    }
    expect(cases).toBeGreaterThan(20);
  });
});

describe("two droplets with one bootstrap token", () => {
  it("leave one: that which called home, though it is the younger one, and not the one that was recorded", async () => {
    const { world, ...token } = await createdDroplet();
    const [recorded] = world.digitalOcean.droplets();
    const twin = world.digitalOcean.add({
      tags: recorded!.tags,
      createdAt: new Date(world.clock.now() + 5_000).toISOString(),
    });
    const booted = createDroplet(world, { ...token, dropletId: twin.id });
    await booted.boot();
    await expect(createDroplet(world, token).boot()).rejects.toThrow(BootstrapTokenError);
    const provisioner = world.provisioner();
    await world.pass(10_000);
    await provisioner.reconcile("acme");
    await world.pass(10_000);
    await world.settle(provisioner);
    expect(world.digitalOcean.droplets().map(({ id }) => id)).toEqual([twin.id]);
    expect(world.store.serviceTokens("acme")).toEqual([await hashToken(booted.disk.serviceToken!)]);
    expect(await stateOf(world)).toBe("running");
  });
});

describe("a bootstrap token after its time", () => {
  it("opens nothing once its droplet was given up, and the next droplet's own does", async () => {
    const { world, ...token } = await createdDroplet();
    const provisioner = world.provisioner();
    await world.settle(provisioner);
    expect(await stateOf(world)).toBe("failed");
    await expect(createDroplet(world, token).boot()).rejects.toThrow(BootstrapTokenError);
    await provisioner.retry("acme", actor);
    await provisioner.reconcile("acme");
    await expect(createDroplet(world, token).boot()).rejects.toThrow(BootstrapTokenError);
    const [droplet] = world.digitalOcean.droplets();
    const { bootstrapToken } = JSON.parse(droplet!.userData) as { bootstrapToken: string };
    await createDroplet(world, { bootstrapToken: new Secret(bootstrapToken), dropletId: droplet!.id }).boot();
    expect(await stateOf(world)).toBe("running");
  });
});
