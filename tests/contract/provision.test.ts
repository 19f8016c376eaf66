/**
 * Provisioning as a platform has it: the control plane on SQLite, DigitalOcean's official client, the user-data that a droplet
 * really gets, and a droplet that calls home by HTTP. Only DigitalOcean itself is an imitation, held to its own document.
 */
import { accountId, hashToken, Secret } from "@lobstercontrol/core";
import { createBootstrapClient, createRuntimeClient, createRuntimeHandler } from "@lobstercontrol/core/http";
import { reportOf } from "@lobstercontrol/core/testing";
import { cloudInitUserData, createProvisioner } from "@lobstercontrol/provisioner";
import { createSqliteControlPlane } from "@lobstercontrol/sqlite";
import { describe, expect, it } from "vitest";
import type { Fault, FaultKind } from "./fake/types.ts";
import { bootstrapTokenIn } from "./user-data.ts";
import { createWorld, hasDocument } from "./world.ts";

const account = "acme";
const controlPlaneUrl = "https://platform.test";

/** Tells how an account gets a droplet and loses it again, with something going wrong on the way. */
async function tellStory(fault: Fault | null): Promise<string[]> {
  const world = await createWorld({ tagLagMs: 8_000 });
  const { api, clock, fake } = world;
  const before = fake.droplets().map(({ id }) => id);
  const firewallsBefore = fake.firewalls();
  if (fault !== null) fake.fail(fault);
  const controlPlane = createSqliteControlPlane({
    path: ":memory:",
    clock,
    provisioner: (store) =>
      createProvisioner({
        api,
        store,
        clock,
        random: () => 0.5,
        userData: cloudInitUserData({
          controlPlaneUrl,
          gatewayImage: "registry.example.com/openclaw:2026.9.6",
          runtimeImage: "registry.example.com/lobster-runtime:1.0.0",
        }),
      }),
  });
  const { operator, platform } = controlPlane;
  const handler = createRuntimeHandler({ controlPlane });
  const overHttp = {
    url: controlPlaneUrl,
    fetch: (input: Parameters<typeof fetch>[0], init?: RequestInit) => handler(new Request(input, init)),
  };
  const home = new Set<number>();

  /** What the droplet's own programs do once it has booted. */
  async function boot(): Promise<void> {
    const bootstrap = createBootstrapClient(overHttp);
    for (const droplet of fake.droplets()) {
      if (before.includes(droplet.id) || home.has(droplet.id) || clock.now() < droplet.createdAt + 60_000)
        continue;
      home.add(droplet.id);
      const bootstrapToken = bootstrapTokenIn(droplet.userData);
      const serviceToken = new Secret(["lcs", String(droplet.id).padStart(43, "x")].join("_"));
      await bootstrap.phase({ bootstrapToken, phase: "start", ok: true });
      const serviceTokenHash = await hashToken(serviceToken);
      await bootstrap.exchange({ bootstrapToken, serviceTokenHash, dropletId: droplet.id });
      await createRuntimeClient({ ...overHttp, serviceToken }).report(reportOf());
    }
  }

  async function reconcileUntil(wanted: string): Promise<void> {
    for (let steps = 0; steps < 80; steps++) {
      const { state, nextInMs } = await operator.reconcile(accountId.parse(account));
      if (state === wanted && (nextInMs === null || nextInMs > 60_000)) return;
      clock.advance(Math.max(1_000, Math.min(nextInMs ?? 60_000, 60_000)));
      await boot();
    }
    throw new Error(
      `not ${wanted}: ${JSON.stringify(await controlPlane.provisionStore.read(accountId.parse(account)))}`,
    );
  }

  const admin = controlPlane.admin({ id: "user-1" }, account);
  const ours = () => fake.droplets().filter(({ id }) => !before.includes(id));
  try {
    await platform.upsertAccount({ account });
    await admin.provisionRuntime({ region: "fra1" });
    await reconcileUntil("running");
    expect(ours()).toHaveLength(1);
    expect((await admin.runtime()).status).toBe("online");
    clock.advance(60_000);
    await platform.closeAccount(account);
    await reconcileUntil("destroyed");
    expect(ours()).toEqual([]);
    expect((await admin.activities()).items.map(({ type }) => type).toReversed()).toEqual([
      "runtime_provision_requested",
      "runtime_bootstrapped",
      "runtime_provisioned",
      "runtime_destroy_requested",
      "runtime_destroyed",
    ]);
    // What others have there is as it was.
    expect(fake.droplets().map(({ id }) => id)).toEqual(before);
    expect(fake.firewalls().slice(0, firewallsBefore.length)).toEqual(firewallsBefore);
    expect(fake.violations).toEqual([]);
    expect(JSON.stringify(world.lines)).not.toMatch(/lc[bs]_/);
    return fake.requests.map(({ operation }) => operation ?? "unknown");
  } finally {
    controlPlane.close();
  }
}

const kinds: FaultKind[] = ["reset", "cutBody", "truncated", "html502", "500", "503", "429"];

describe.skipIf(!hasDocument)("promise 10: an account gets a droplet, and loses it when it is closed", () => {
  it("whatever goes wrong with the first call of each kind", { timeout: 300_000 }, async () => {
    const operations = [...new Set(await tellStory(null))];
    const failed: string[] = [];
    let cases = 0;
    for (const operation of operations)
      for (const kind of kinds)
        for (const effect of [false, true]) {
          cases += 1;
          await tellStory({ operation, kind, effect }).catch((error: unknown) =>
            failed.push(
              `${operation}, ${kind}, ${effect ? "done" : "not done"}: ${String(error).slice(0, 400)}`,
            ),
          );
        }
    console.log(`${cases} cases on ${operations.join(", ")}`);
    expect(failed.slice(0, 10)).toEqual([]);
  });
});
