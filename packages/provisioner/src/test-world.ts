import {
  accountId,
  createBootstrapPort,
  hashToken,
  noteReport,
  Secret,
  updateRecord,
  type AccountId,
  type Droplet,
  type DropletApi,
  type Provisioner,
  type ProvisionStore,
} from "@lobstercontrol/core";
import {
  createFakeClock,
  createMemoryProvisionStore,
  type FakeClock,
  type MemoryProvisionStore,
} from "@lobstercontrol/core/testing";
import { createProvisioner, type ProvisionerOptions } from "./create-provisioner.ts";
import {
  createFakeDigitalOcean,
  type FakeDigitalOcean,
  type FakeDigitalOceanOptions,
} from "./testing/fake-digital-ocean.ts";

/** The account of these tests. */
export const acme = accountId.parse("acme");
/** Who asks. */
export const actor = { id: "user-1" };
/** How long a droplet of these tests takes to call home, in milliseconds. */
const bootsInMs = 60_000;

/** A platform, DigitalOcean, and droplets that boot: all in memory, at a time that a test moves. */
export interface World {
  clock: FakeClock;
  store: MemoryProvisionStore;
  digitalOcean: FakeDigitalOcean;
  /** Makes a provisioner, as a new process would. */
  provisioner(over?: Partial<ProvisionerOptions>): Provisioner;
  /** Lets droplets that have booted call home. */
  boot(): Promise<void>;
  /** Moves the time on, and lets droplets boot meanwhile. */
  pass(byMs: number): Promise<void>;
  /** Reconciles until nothing is left to do, or the droplet runs; at most for so long. Gives the number of steps. */
  settle(provisioner?: Provisioner, forMs?: number): Promise<number>;
  /** Types of the account's activities, oldest first. */
  activities(): string[];
}

export interface WorldOptions extends Omit<FakeDigitalOceanOptions, "clock"> {
  /** Droplets that never call home. */
  silent?: boolean;
  account?: AccountId;
}

/** Makes a world with one account. */
export function createWorld(options: WorldOptions = {}): World {
  const { silent = false, account = acme } = options;
  const clock = createFakeClock();
  const store = createMemoryProvisionStore();
  store.addAccount(account);
  const digitalOcean = createFakeDigitalOcean({ clock, ...options });
  const bootstrap = createBootstrapPort({ store, clock });
  const home = new Set<number>();

  async function callHome(droplet: Droplet & { userData: string }): Promise<void> {
    const { bootstrapToken } = JSON.parse(droplet.userData) as { bootstrapToken: string };
    const serviceTokenHash = await hashToken(new Secret(`service token of ${droplet.id}`));
    try {
      await bootstrap.exchange({
        bootstrapToken: new Secret(bootstrapToken),
        serviceTokenHash,
        dropletId: droplet.id,
      });
    } catch {
      return;
    }
    await updateRecord(
      store,
      () => store.read(account),
      (record) => record && noteReport(record, serviceTokenHash, clock.now()),
    );
  }

  const world: World = {
    clock,
    store,
    digitalOcean,
    provisioner: (over = {}) =>
      createProvisioner({
        api: digitalOcean.api,
        store,
        userData: ({ bootstrapToken }) => JSON.stringify({ bootstrapToken: bootstrapToken.reveal() }),
        clock,
        random: () => 0.5,
        ...over,
      }),
    async boot() {
      if (silent) return;
      for (const droplet of digitalOcean.droplets()) {
        if (home.has(droplet.id) || clock.now() < Date.parse(droplet.createdAt) + bootsInMs) continue;
        home.add(droplet.id);
        if (droplet.userData !== "") await callHome(droplet);
      }
    },
    async pass(byMs) {
      const until = clock.now() + byMs;
      while (clock.now() < until) {
        const boots = digitalOcean
          .droplets()
          .filter(({ id }) => !home.has(id))
          .map(({ createdAt }) => Date.parse(createdAt) + bootsInMs - clock.now())
          .filter((inMs) => inMs > 0);
        clock.advance(Math.min(until - clock.now(), ...boots));
        await world.boot();
      }
    },
    async settle(provisioner = world.provisioner(), forMs = 60 * 60_000) {
      const until = clock.now() + forMs;
      for (let steps = 1; ; steps++) {
        const { state, nextInMs } = await provisioner.reconcile(account);
        if (nextInMs === null || (state === "running" && nextInMs > 60_000)) return steps;
        if (clock.now() + nextInMs > until) throw new Error(`still ${state} after ${steps} steps`);
        await world.pass(Math.max(nextInMs, 100));
      }
    },
    activities: () => store.activities(account).map(({ type }) => type),
  };
  return world;
}

/** The same calls, each with something around it. */
export function wrapCalls<Port extends DropletApi | ProvisionStore>(
  port: Port,
  around: (name: string, call: () => Promise<unknown>) => Promise<unknown>,
): Port {
  return new Proxy(port, {
    get(target, name) {
      const call: unknown = Reflect.get(target, name);
      if (typeof call !== "function") return call;
      return (...input: unknown[]) => around(String(name), () => call(...input) as Promise<unknown>);
    },
  });
}
