import { setImmediate, setTimeout } from "node:timers/promises";
import {
  accountId,
  createBootstrapPort,
  hashToken,
  noteReport,
  Secret,
  updateRecord,
  type Provisioner,
} from "@lobstercontrol/core";
import { createMemoryProvisionStore } from "@lobstercontrol/core/testing";
import { createProvisioner } from "@lobstercontrol/provisioner";
import { createDotsApi } from "@lobstercontrol/provisioner/dots";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { faultKinds, type DigitalOceanFakeOptions, type Fault } from "./fake/types.ts";
import { documentFile } from "./fake/document.ts";
import { listen } from "./fake/listen.ts";
import { startPrism } from "./prism/start-prism.ts";
import { createWorld as createDigitalOcean, hasDocument, refusing, token, type World } from "./world.ts";

const acme = accountId.parse("acme");
const actor = { id: "user-1" };
const bootMs = 60_000;

/** A platform with one account, whose droplets call home once they have booted. */
async function createPlatform(options: Partial<DigitalOceanFakeOptions> = {}, baseUrl?: string) {
  const digitalOcean = await createDigitalOcean({ tagLagMs: 5_000, bootMs, ...options });
  const { clock, fake } = digitalOcean;
  const before = new Set(fake.droplets().map(({ id }) => id));
  const store = createMemoryProvisionStore();
  store.addAccount(acme);
  const bootstrap = createBootstrapPort({ store, clock });
  const home = new Set<number>();
  const api = createDotsApi({
    token,
    clock,
    timeoutMs: 5_000,
    ...(baseUrl === undefined ? { fetch: fake.fetch } : { baseUrl }),
  });
  const provisioner = createProvisioner({
    api,
    store,
    clock,
    random: () => 0.5,
    userData: ({ bootstrapToken }) => JSON.stringify({ bootstrapToken: bootstrapToken.reveal() }),
  });
  /** Those that the provisioner made. */
  const droplets = () => fake.droplets().filter(({ id }) => !before.has(id));

  const boot = async (): Promise<void> => {
    for (const { id, createdAt, userData } of droplets()) {
      if (home.has(id) || clock.now() < createdAt + bootMs) continue;
      home.add(id);
      const { bootstrapToken } = JSON.parse(userData) as { bootstrapToken: string };
      const serviceTokenHash = await hashToken(new Secret(`service token of ${id}`));
      const known = await bootstrap
        .exchange({ bootstrapToken: new Secret(bootstrapToken), serviceTokenHash, dropletId: id })
        .catch(() => null);
      if (known === null) continue;
      await updateRecord(
        store,
        () => store.read(acme),
        (record) => record && noteReport(record, serviceTokenHash, clock.now()),
      );
    }
  };
  /** One step of each of several callers at once. */
  const step = async (callers: number): Promise<{ state: string; nextInMs: number | null }> => {
    const steps = Promise.all(Array.from({ length: callers }, () => provisioner.reconcile(acme)));
    // An answer comes soon or never, and what never comes is given up when its time is over.
    const patience = baseUrl === undefined ? fiftyTurns : aMoment;
    for (;;) {
      const ends = await Promise.race([steps, patience()]);
      if (ends !== null) return ends.at(-1)!;
      if (clock.waiting() > 0) clock.advance(1_000);
    }
  };

  return {
    ...digitalOcean,
    provisioner,
    store,
    droplets,
    /** Reconciles until nothing is left to do, or the droplet runs. */
    async settle(callers = 1): Promise<string> {
      for (let steps = 0; steps < 500; steps++) {
        const { state, nextInMs } = await step(callers);
        if (nextInMs === null || (state === "running" && nextInMs > bootMs)) return state;
        clock.advance(Math.max(nextInMs, 100));
        await boot();
      }
      throw new Error("It never settled.");
    },
  };
}

type Platform = Awaited<ReturnType<typeof createPlatform>>;

/** As long as an answer takes in this process. */
async function fiftyTurns(): Promise<null> {
  for (let turns = 0; turns < 50; turns++) await setImmediate();
  return null;
}

/** As long as it takes on loopback, with room for a machine that is busy: five of them end a call. */
function aMoment(): Promise<null> {
  return setTimeout(400, null);
}

const provision = (provisioner: Provisioner) => provisioner.provision("acme", { region: "fra1" }, actor);

const operations = [
  "droplets_list",
  "sizes_list",
  "tags_create",
  "firewalls_list",
  "firewalls_create",
  "droplets_create",
  null,
];
const faults: Required<Pick<Fault, "operation" | "kind" | "effect">>[] = operations.flatMap((operation) =>
  faultKinds.flatMap((kind) =>
    (refusing.has(kind) ? [false] : [true, false]).map((effect) => ({
      operation: operation!,
      kind,
      effect,
    })),
  ),
);

/** One fault of the matrix at a time: while a droplet is made, and again while it is taken away. */
async function expectTrueEnds(callers: number, openPlatform: () => Promise<Platform>): Promise<void> {
  const ends: Record<string, number> = {};
  for (const fault of faults) {
    const platform = await openPlatform();
    platform.fake.fail(fault);
    await provision(platform.provisioner);

    const state = await platform.settle(callers);
    const count = platform.droplets().length;

    expect({ fault, state, count }).toEqual({ fault, state, count: state === "running" ? 1 : 0 });
    expect(["running", "failed"]).toContain(state);
    expect(platform.fake.requests.length).toBeLessThan(120 * callers);
    ends[state] = (ends[state] ?? 0) + 1;

    platform.fake.fail({ kind: fault.kind, effect: fault.effect });
    await platform.provisioner.destroy("acme", actor);
    expect(await platform.settle(callers)).toBe("destroyed");
    expect({ fault, droplets: platform.droplets() }).toEqual({ fault, droplets: [] });
    expect(platform.fake.violations).toEqual([]);
  }
  console.log(`${faults.length} faults, ${callers} at once: ${JSON.stringify(ends)}`);
}

describe.skipIf(!hasDocument)(
  "promise 10: the provisioner over DigitalOcean's client, by DigitalOcean's document",
  () => {
    it("gives the account one droplet, behind a firewall that stood before it, and takes it away", async () => {
      const platform = await createPlatform();
      const { provisioner, fake, droplets } = platform;

      await provision(provisioner);
      expect(await platform.settle()).toBe("running");

      expect(droplets()).toHaveLength(1);
      const [droplet] = droplets();
      const posts = fake.requests.filter(({ method }) => method === "POST").map(({ operation }) => operation);
      expect(posts.indexOf("firewalls_create")).toBeLessThan(posts.indexOf("droplets_create"));
      const firewall = fake.firewalls().at(-1);
      expect(firewall).toMatchObject({ inbound_rules: [] });
      expect(droplet?.tags).toEqual(expect.arrayContaining(firewall?.tags ?? []));
      expect(Object.keys(JSON.parse(droplet?.userData ?? "") as object)).toEqual(["bootstrapToken"]);

      await provisioner.destroy("acme", actor);
      expect(await platform.settle()).toBe("destroyed");
      expect(droplets()).toEqual([]);
      expect(fake.violations).toEqual([]);
    });

    it("costs one request a step once it runs", async () => {
      const platform = await createPlatform();
      await provision(platform.provisioner);
      await platform.settle();
      platform.clock.advance(3_600_000);
      const before = platform.fake.requests.length;

      await platform.provisioner.reconcile(acme);

      expect(platform.fake.requests.length - before).toBe(1);
    });

    it("closes a firewall that somebody has opened in a way that the rules have no words for", async () => {
      const platform = await createPlatform();
      await provision(platform.provisioner);
      await platform.settle();
      platform.fake
        .firewalls()
        .at(-1)
        ?.inbound_rules.push({
          protocol: "udp",
          ports: "0",
          sources: { addresses: ["0.0.0.0/0"] },
        });
      await platform.provisioner.destroy("acme", actor);
      await platform.settle();

      await provision(platform.provisioner);
      expect(await platform.settle()).toBe("running");

      expect(platform.fake.firewalls().at(-1)?.inbound_rules).toEqual([]);
    });

    it("goes to a fallback region when there is no room, and fails truly at the droplet limit", async () => {
      const full = await createPlatform();
      full.fake.sellOut("s-1vcpu-2gb", "fra1");
      await full.provisioner.provision("acme", { region: "fra1", fallbacks: [{ region: "ams3" }] }, actor);
      expect(await full.settle()).toBe("running");
      expect(full.droplets()).toMatchObject([{ region: "ams3" }]);

      const limited = await createPlatform({ dropletLimit: 1 });
      await provision(limited.provisioner);
      expect(await limited.settle()).toBe("failed");
      expect(await limited.provisioner.status("acme")).toMatchObject({ failure: { reason: "limitReached" } });
      expect(limited.droplets()).toEqual([]);
    });

    it.each([1, 3])(
      "ends with one droplet or, said truly, with none, whatever goes wrong; %d callers at once",
      (callers) => expectTrueEnds(callers, () => createPlatform()),
      300_000,
    );
  },
);

describe.skipIf(inject("prism") === null || documentFile === null)("the provisioner through Prism", () => {
  let world: Pick<World, "fake">;
  let server: Awaited<ReturnType<typeof listen>>;
  let prism: Awaited<ReturnType<typeof startPrism>>;
  beforeAll(async () => {
    server = await listen({ fetch: (input, init) => world.fake.fetch(input, init) });
    prism = await startPrism(inject("prism") ?? "", documentFile ?? "", server.url);
  });
  afterAll(async () => {
    await prism.stop();
    await server.close();
  });

  it("gives the account one droplet, and takes it away", async () => {
    const platform = await createPlatform({}, prism.url);
    world = platform;

    await provision(platform.provisioner);
    expect(await platform.settle()).toBe("running");
    expect(platform.droplets()).toHaveLength(1);
    await platform.provisioner.destroy("acme", actor);
    expect(await platform.settle()).toBe("destroyed");

    expect(platform.droplets()).toEqual([]);
    expect(platform.fake.violations).toEqual([]);
  });

  // Of an answer that the document does not know Prism makes a 500 of its own, and of a cut connection another.
  it("ends with one droplet or, said truly, with none, whatever goes wrong", async () => {
    await expectTrueEnds(1, async () => {
      const platform = await createPlatform({}, prism.url);
      world = platform;
      return platform;
    });
  }, 600_000);
});
