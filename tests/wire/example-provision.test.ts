/**
 * Promise 10 in the example backend, by its own functions: an admin asks, its crons and actions make the droplet, which calls home
 * over its HTTP routes. And again with an action dying at each moment of that.
 */
import { keptDroplet } from "@lobstercontrol/core";
import { makeFunctionReference } from "convex/server";
import { afterAll, afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { api } from "../../examples/convex-app/convex/_generated/api.js";
import { bootstrapTokenIn } from "../contract/user-data.ts";
import {
  account,
  closeDigitalOcean,
  createExampleWorld,
  token,
  type ExampleWorld,
  type ExampleWorldOptions,
} from "./example-world.ts";
import { Killed } from "./mortal.ts";

const { provisionRuntime, retryProvision, destroyRuntime } = api.lobster.droplets;
const spec = { region: "fra1" };
const minuteMs = 60_000;
/** How often a droplet that boots is looked at, at most: every 10 s at first. */
const looksPerMinute = 7;
/** For a droplet and its end, whatever dies on the way. The most that was seen is 29. */
const mostRequests = 40;

let world: ExampleWorld | null = null;
const close = async (): Promise<void> => {
  await world?.close();
  world = null;
};
afterEach(close);
afterAll(closeDigitalOcean);

async function open({ enabled = true, ...options }: ExampleWorldOptions & { enabled?: boolean } = {}) {
  world = await createExampleWorld(options);
  await switchProvisioning(world, enabled);
  return world;
}

async function switchProvisioning({ operator }: ExampleWorld, enabled: boolean): Promise<void> {
  const set = makeFunctionReference<"mutation">("flags:set");
  await operator.mutation(set, { name: "runtime_provisioning_enabled", enabled });
}

/** An admin asks for a droplet, and when it runs and was looked after, for its end. What must be true at both ends is checked. */
async function tellStory(options: ExampleWorldOptions = {}): Promise<ExampleWorld> {
  const told = await open(options);
  const { digitalOcean, requestedAt } = told;
  await told.click((admin) => admin.action(provisionRuntime, { account, spec }));
  await told.until(async () => (await told.runtime()).status === "online");
  // The hour's look after the droplets comes in this time, and what lags has shown itself.
  await told.pass(5 * minuteMs);

  const record = (await told.record())!;
  expect(record.state).toBe("running");
  expect(digitalOcean.droplets().map(({ id }) => id)).toEqual([keptDroplet(record)?.id]);
  expect(digitalOcean.firewalls()).toHaveLength(1);
  expect(await told.runtime()).toMatchObject({ status: "online" });
  const { admin } = api.lobster;
  expect(await told.admin.query(admin.serviceTokens, { account })).toHaveLength(1);

  await told.click((page) => page.action(destroyRuntime, { account }));
  await told.until(async () => (await told.runtime()).status === "destroyed");
  await told.pass(5 * minuteMs);
  expect(digitalOcean.droplets()).toEqual([]);
  const gone = (await told.record())!;
  expect(gone.state).toBe("destroyed");
  expect(gone.attempts.flatMap(({ droplets }) => droplets).filter((droplet) => !droplet.gone)).toEqual([]);
  expect(await told.admin.query(admin.serviceTokens, { account })).toEqual([]);

  const { items } = await told.admin.query(admin.activities, { account, limit: 100 });
  expect(items.map(({ type }) => type).filter((type) => /^runtime_(?!boot)/.test(type))).toEqual([
    "runtime_destroyed",
    "runtime_destroy_requested",
    "runtime_provisioned",
    "runtime_provision_requested",
  ]);
  // Two would be healed, and cost money until then.
  expect(told.mostAtOnce()).toBe(1);
  expect(requestedAt.length).toBeLessThan(mostRequests);
  expect(digitalOcean.violations).toEqual([]);
  return told;
}

/** Whatever an action is begun by. */
const actions = ["provisionRuntime", "tick", "step", "phase", "exchange", "lookAfter", "destroyRuntime"];

/** Of an action that dies the backend writes an error into its log; of these there are many, and they are wanted. */
function expectKills(): void {
  const write = console.error.bind(console);
  const log = vi.spyOn(console, "error").mockImplementation((...line: unknown[]) => {
    if (!line.some((part) => part instanceof Killed)) write(...line);
  });
  onTestFinished(() => log.mockRestore());
}

describe("promise 10: one droplet an account, by the example backend", () => {
  it(
    "shows all phases of it on the page, and rests once it runs, and once it is gone",
    { timeout: 120_000 },
    async () => {
      const told = await open();
      await told.click((admin) => admin.action(provisionRuntime, { account, spec }));
      await told.until(async () => (await told.runtime()).status === "online");
      const passed = (phase: string) => `provisioning. The droplet has passed the phase "${phase}".`;
      expect(told.shown).toEqual([
        "provisioning. The droplet is about to be created.",
        "provisioning. The droplet was asked for, and is to call home.",
        ...["packages", "docker", "firewall", "images", "start"].map(passed),
        "provisioning. The droplet has called home; its first report is awaited.",
        "online.",
      ]);
      await told.pass(2 * minuteMs);
      told.shown.length = 0;
      const before = told.requestedAt.length;
      await told.pass(180 * minuteMs);
      expect(told.shown).toEqual(["online."]);
      // The hour's look, and nothing else.
      expect(told.requestedAt.length - before).toBe(3);

      await told.click((admin) => admin.action(destroyRuntime, { account }));
      await told.until(async () => (await told.runtime()).status === "destroyed");
      const atTheEnd = told.requestedAt.length;
      await told.pass(180 * minuteMs);
      expect(told.requestedAt.length).toBe(atTheEnd);
      expect(told.shown.slice(1)).toEqual([
        "destroying. The droplet is being deleted.",
        "destroyed. The droplet was deleted.",
      ]);
    },
  );

  it("comes to the same whatever action dies, at each moment", { timeout: 600_000 }, async () => {
    const { moments } = await tellStory();
    await close();
    expect(moments).toEqual(
      expect.arrayContaining(actions.map((name) => expect.stringMatching(`${name} begins$`))),
    );
    expectKills();
    const failed: string[] = [];
    let most = 0;
    for (const [index, moment] of moments.entries()) {
      await tellStory({ diesAt: index + 1 }).catch((error: unknown) =>
        failed.push(`at ${index + 1}, ${moment}: ${String(error).slice(0, 400)}`),
      );
      // It did die, and there.
      if (world!.moments[index] !== moment) failed.push(`at ${index + 1} it was not ${moment}`);
      most = Math.max(most, world!.requestedAt.length);
      await close();
    }
    console.log(`${moments.length} moments at which an action died, ${most} requests at most`);
    expect(moments.length).toBeGreaterThan(100);
    expect(failed).toEqual([]);
  });

  it("asks DigitalOcean no more often the longer a droplet takes to boot", async () => {
    const told = await open({ bootMs: 13 * minuteMs });
    await told.click((admin) => admin.action(provisionRuntime, { account, spec }));
    await told.until(async () => (await told.runtime()).status === "online");
    const [first = 0] = told.requestedAt;
    const perMinute = Array.from(
      { length: 13 },
      (_, minute) =>
        told.requestedAt.filter((at) => Math.floor((at - first) / minuteMs) === minute + 1).length,
    );
    expect(Math.max(...perMinute)).toBeLessThanOrEqual(looksPerMinute);
    expect(Math.min(...perMinute)).toBeGreaterThan(0);
  });

  it("notices within an hour that somebody has deleted it by hand, and makes another when asked", async () => {
    const told = await open();
    await told.click((admin) => admin.action(provisionRuntime, { account, spec }));
    await told.until(async () => (await told.runtime()).status === "online");
    const [droplet] = told.digitalOcean.droplets();
    droplet!.deletedAt = Date.now();
    await told.pass(65 * minuteMs);
    expect(await told.runtime()).toMatchObject({ status: "error", conditions: [{ reason: "DropletGone" }] });
    await told.click((admin) => admin.action(retryProvision, { account }));
    await told.until(async () => (await told.runtime()).status === "online");
    expect(told.digitalOcean.droplets()).toHaveLength(1);
  });

  it("is made for each of several accounts, and they are looked after one by one", async () => {
    const told = await open();
    const accounts = [account, "beta", "gamma"];
    for (const slug of accounts.slice(1)) await told.addAccount(slug);
    for (const slug of accounts) await told.admin.action(provisionRuntime, { account: slug, spec });
    const areOnline = async () =>
      (await Promise.all(accounts.map((slug) => told.runtime(slug)))).every(
        ({ status }) => status === "online",
      );
    await told.until(areOnline);
    expect(told.digitalOcean.droplets()).toHaveLength(3);
    await told.pass(10 * minuteMs);
    const before = told.requestedAt.length;
    await told.pass(60 * minuteMs);
    const looks = told.requestedAt.slice(before);
    expect(looks).toHaveLength(3);
    // A fleet of hundreds would otherwise use up what DigitalOcean allows in a minute.
    for (const [index, at] of looks.slice(1).entries())
      expect(at - looks[index]!).toBeGreaterThanOrEqual(1_000);
  });

  it("is refused while provisioning is switched off, and what there is can be destroyed", async () => {
    const told = await open({ enabled: false });
    const refused = { data: { code: "ERR_PROVISIONING_DISABLED" } };
    await expect(told.admin.action(provisionRuntime, { account, spec })).rejects.toMatchObject(refused);
    await expect(told.admin.action(retryProvision, { account })).rejects.toMatchObject(refused);
    await told.pass(5 * minuteMs);
    expect(await told.record()).toBe(null);
    await close();

    const later = await open();
    await later.click((admin) => admin.action(provisionRuntime, { account, spec }));
    await later.until(async () => (await later.runtime()).status === "online");
    await switchProvisioning(later, false);
    await later.admin.action(destroyRuntime, { account });
    await later.until(async () => (await later.runtime()).status === "destroyed");
    expect(later.digitalOcean.droplets()).toEqual([]);
  });

  it("creates nothing for what was asked for before it was switched off", async () => {
    const told = await open();
    await told.admin.action(provisionRuntime, { account, spec });
    await switchProvisioning(told, false);
    await told.until(async () => (await told.record())?.state === "failed");
    expect(await told.record()).toMatchObject({ failure: { reason: "disabled" } });
    expect(told.digitalOcean.droplets()).toEqual([]);
  });

  it("boots by user-data for the image that was asked for, which knows where home is", async () => {
    const told = await open();
    const image = "ubuntu-24-04-x64";
    await told.click((admin) => admin.action(provisionRuntime, { account, spec: { ...spec, image } }));
    await told.until(() => told.digitalOcean.droplets().length > 0);
    const { userData, image: made } = told.digitalOcean.droplets()[0]!;
    expect(made).toBe(image);
    // What Debian calls otherwise.
    expect(userData).toContain("docker-compose-v2");
    expect(userData).toContain("https://happy-animal-123.convex.site/lobster");
    expect(userData).toContain("https://happy-animal-123.convex.cloud");
  });

  it("puts nothing secret into what is scheduled (promise 8)", async () => {
    const told = await open();
    await told.click((admin) => admin.action(provisionRuntime, { account, spec }));
    await told.until(() => told.digitalOcean.droplets().length > 0);
    const secrets = [token, bootstrapTokenIn(told.digitalOcean.droplets()[0]!.userData).reveal()];
    const scheduled = await told.scheduled();
    expect(scheduled).toContain(account);
    for (const secret of secrets) expect(scheduled).not.toContain(secret);
  });
});
