import {
  DropletApiError,
  type Clock,
  type CreateDroplet,
  type Droplet,
  type DropletAction,
  type DropletApi,
  type DropletSize,
  type Firewall,
} from "@lobstercontrol/core";

/** How a {@link FakeDigitalOcean} is set up. */
export interface FakeDigitalOceanOptions {
  /** Whose time. */
  clock: Clock;
  /** How long lists do not show what was created, and still show what was deleted, in milliseconds: 0 by default. */
  lagMs?: number;
  /** What there is to choose from; a few sizes with made-up prices by default. */
  sizes?: DropletSize[];
  /** Where there is no capacity now: region and size, such as `fra1 s-1vcpu-2gb`, or a region. */
  full?: Set<string>;
  /** Id of the team whose token this is: `example` by default. */
  team?: string;
  /** Calls that a minute takes: 250 by default, as DigitalOcean's own. */
  perMinute?: number;
  /** Called around each call; what it throws is what the call throws. */
  around?: FakeCallHook;
}

/** Called before a call does anything, and after it has done everything. */
export type FakeCallHook = (call: FakeCall, moment: "before" | "after") => void | Promise<void>;

/** A call that arrived. */
export interface FakeCall {
  /** Which. */
  name: keyof DropletApi;
  /** When, in milliseconds since the epoch. */
  at: number;
}

/** DigitalOcean in memory: enough of it to provision on, and to look at. */
export interface FakeDigitalOcean {
  /** What a provisioner gets. */
  api: DropletApi;
  /** What is really there, whatever a list shows. */
  droplets(): (Droplet & { userData: string })[];
  /** All firewalls. */
  firewalls(): Firewall[];
  /** Every call that arrived, in order. */
  calls: FakeCall[];
  /** Makes a droplet by other means than the provisioner. */
  add(droplet: Partial<Droplet> & { tags: string[] }): Droplet;
  /** Deletes a droplet by other means than the provisioner. */
  remove(id: number): void;
  /** Where there is no capacity. */
  full: Set<string>;
}

interface Kept {
  droplet: Droplet;
  userData: string;
  visibleAt: number;
  deletedAt: number | null;
}

/** Made-up sizes. The prices are examples: DigitalOcean's own list says what droplets cost. */
export const exampleSizes: DropletSize[] = [
  { slug: "s-1vcpu-1gb", memoryMib: 1_024, vcpus: 1, diskGib: 25, priceMonthly: 5 },
  { slug: "s-1vcpu-2gb", memoryMib: 2_048, vcpus: 1, diskGib: 50, priceMonthly: 10 },
  { slug: "s-2vcpu-2gb", memoryMib: 2_048, vcpus: 2, diskGib: 60, priceMonthly: 15 },
  { slug: "s-2vcpu-4gb", memoryMib: 4_096, vcpus: 2, diskGib: 80, priceMonthly: 20 },
].map((size) => ({ ...size, regions: ["fra1", "ams3", "nyc3"], available: true }));

/**
 * Makes a DigitalOcean in memory. It answers at once, keeps to its rules (names of firewalls are unique, names of droplets are
 * not), lags in its lists as the real one does, and fails as a test wants.
 *
 * @example
 * ```ts
 * import { createFakeClock } from "@lobstercontrol/core/testing";
 * import { createFakeDigitalOcean } from "@lobstercontrol/provisioner/testing";
 *
 * const clock = createFakeClock();
 * const { api, droplets } = createFakeDigitalOcean({ clock, lagMs: 8_000 });
 * console.log(await api.listDroplets("lobster"), droplets());
 * ```
 */
export function createFakeDigitalOcean(options: FakeDigitalOceanOptions): FakeDigitalOcean {
  const {
    clock,
    lagMs = 0,
    sizes = exampleSizes,
    perMinute = 250,
    team = "example",
    around = () => {},
  } = options;
  const full = options.full ?? new Set<string>();
  const kept = new Map<number, Kept>();
  const firewalls = new Map<string, Firewall>();
  const tags = new Set<string>();
  const calls: FakeCall[] = [];
  let lastId = 1_000;
  let recent: number[] = [];

  async function call<T>(name: keyof DropletApi, run: () => T): Promise<T> {
    const made: FakeCall = { name, at: clock.now() };
    calls.push(made);
    await around(made, "before");
    recent = recent.filter((at) => clock.now() - at < 60_000);
    recent.push(clock.now());
    if (recent.length > perMinute)
      throw new DropletApiError({
        outcome: "refused",
        reason: "rateLimited",
        problem: "API Rate limit exceeded.",
        status: 429,
        retryAfterMs: 60_000,
      });
    const result = run();
    await around(made, "after");
    return result;
  }

  function keep(droplet: Droplet, userData: string): Droplet {
    kept.set(droplet.id, { droplet, userData, visibleAt: clock.now() + lagMs, deletedAt: null });
    return copyOf(droplet);
  }

  function create(request: CreateDroplet): Droplet {
    const { name, region, size, userData } = request;
    if (full.has(region) || full.has(`${region} ${size}`))
      throw new DropletApiError({
        outcome: "refused",
        reason: "noCapacity",
        problem: `${size} is not available in ${region} at the moment.`,
        status: 422,
      });
    const createdAt = new Date(clock.now()).toISOString();
    return keep(
      { id: ++lastId, name, region, size, tags: request.tags, createdAt, status: "new", ipv4: null },
      userData,
    );
  }

  function isVisible({ visibleAt, deletedAt }: Kept): boolean {
    return deletedAt === null
      ? clock.now() >= visibleAt
      : clock.now() < deletedAt + lagMs && clock.now() >= visibleAt;
  }

  const there = (id: number): Kept | null => {
    const found = kept.get(id);
    return found === undefined || found.deletedAt !== null ? null : found;
  };

  function remove(id: number): void {
    const found = there(id);
    if (found !== null) found.deletedAt = clock.now();
  }

  function refused(reason: "conflict" | "invalid", problem: string): DropletApiError {
    return new DropletApiError({
      outcome: "refused",
      reason,
      problem,
      status: reason === "invalid" ? 422 : 409,
    });
  }

  const noAction = (): DropletAction => ({ id: 1, status: "completed" });
  const api: DropletApi = {
    listDroplets: (tag) =>
      call("listDroplets", () =>
        [...kept.values()]
          .filter((each) => isVisible(each) && each.droplet.tags.includes(tag))
          .map(({ droplet }) => copyOf(droplet)),
      ),
    getDroplet: (id) =>
      call("getDroplet", () => {
        const found = there(id);
        return found && copyOf(found.droplet);
      }),
    createDroplet: (request) => call("createDroplet", () => create(request)),
    deleteDroplet: (id) => call("deleteDroplet", () => remove(id)),
    dropletAction: () => call("dropletAction", noAction),
    getAction: () => call("getAction", noAction),
    listFirewalls: () => call("listFirewalls", () => [...firewalls.values()]),
    createFirewall: (rules) =>
      call("createFirewall", () => {
        if ([...firewalls.values()].some(({ name }) => name === rules.name))
          throw refused("conflict", "duplicate name");
        if (!rules.tags.every((tag) => tags.has(tag))) throw refused("invalid", "a tag does not exist");
        const firewall = { ...rules, id: `firewall-${firewalls.size + 1}`, exact: true };
        firewalls.set(firewall.id, firewall);
        return firewall;
      }),
    updateFirewall: (id, rules) =>
      call("updateFirewall", () => {
        const firewall = { ...rules, id, exact: true };
        firewalls.set(id, firewall);
        return firewall;
      }),
    deleteFirewall: (id) => call("deleteFirewall", () => void firewalls.delete(id)),
    createTag: (name) => call("createTag", () => void tags.add(name)),
    deleteTag: () => call("deleteTag", () => {}),
    listSshKeys: () => call("listSshKeys", () => []),
    listSizes: () => call("listSizes", () => sizes),
    listRegions: () =>
      call("listRegions", () =>
        [...new Set(sizes.flatMap(({ regions }) => regions))].map((slug) => ({
          slug,
          sizes: sizes.filter(({ regions }) => regions.includes(slug)).map((size) => size.slug),
          available: true,
        })),
      ),
    getAccount: () => call("getAccount", () => ({ uuid: team, status: "active", dropletLimit: 25 })),
  };

  return {
    api,
    calls,
    full,
    droplets: () =>
      [...kept.values()]
        .filter(({ deletedAt }) => deletedAt === null)
        .map(({ droplet, userData }) => ({ ...copyOf(droplet), userData })),
    firewalls: () => [...firewalls.values()],
    add: (droplet) =>
      keep(
        {
          id: ++lastId,
          name: "added-by-hand",
          status: "active",
          createdAt: new Date(clock.now()).toISOString(),
          region: "fra1",
          size: "s-1vcpu-2gb",
          ipv4: null,
          ...droplet,
        },
        "",
      ),
    remove,
  };
}

const copyOf = (droplet: Droplet): Droplet => ({ ...droplet, tags: [...droplet.tags] });
