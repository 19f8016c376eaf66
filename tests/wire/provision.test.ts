/** Promise 10 on Convex: whatever action dies between whatever two steps, an account ends with exactly one droplet. */
import { hashToken, Secret, type AdminPort } from "@lobstercontrol/core";
import { createFakeClock, reportOf } from "@lobstercontrol/core/testing";
import { LobsterControl, type RunsActions, type RunsMutations } from "@lobstercontrol/convex";
import { createProvisioner } from "@lobstercontrol/provisioner";
import { createFakeDigitalOcean } from "@lobstercontrol/provisioner/testing";
import { afterEach, describe, expect, it, vi } from "vitest";
import { api, components, internal } from "../../packages/convex/tests/app/convex/_generated/api.js";
import { createTestApp, useClock } from "../../packages/convex/tests/test-app.ts";

const account = "acme";
const actor = { id: "user-1" };
afterEach(() => vi.restoreAllMocks());

/** The action died: nothing of it runs any more. */
class Killed extends Error {}

/** A platform on Convex whose provisioner works on a DigitalOcean in memory; the killer strikes once, after so many steps. */
async function createWorld(diesAfter: number | null) {
  const clock = createFakeClock();
  useClock({ clock });
  const t = createTestApp();
  let steps = 0;
  const step = (): void => {
    steps += 1;
    if (steps === diesAfter) throw new Killed();
  };
  const digitalOcean = createFakeDigitalOcean({
    clock,
    lagMs: 8_000,
    around: (_, moment) => {
      if (moment === "after") step();
    },
  });
  const lobsterControl = new LobsterControl(components.lobsterControl, {
    provisioner: (store) =>
      createProvisioner({
        api: digitalOcean.api,
        store,
        userData: ({ bootstrapToken }) => JSON.stringify({ bootstrapToken: bootstrapToken.reveal() }),
        clock,
        random: () => 0.5,
      }),
  });

  /** Each store call is a step as well. */
  const counted = (ctx: RunsMutations): RunsMutations => ({
    async runQuery(f, args) {
      const answer = await ctx.runQuery(f, args);
      step();
      return answer;
    },
    async runMutation(f, args) {
      const answer = await ctx.runMutation(f, args);
      step();
      return answer;
    },
  });

  const act = <Answer>(run: (ctx: RunsActions) => Promise<Answer>): Promise<Answer> =>
    t.action((ctx) => run(ctx as unknown as RunsActions));
  const admin = <Answer>(run: (port: AdminPort) => Promise<Answer>): Promise<Answer> =>
    act((ctx) => run(lobsterControl.admin(ctx, actor, account)));

  await t.mutation(internal.platform.upsertAccount, { account });
  return {
    clock,
    digitalOcean,
    steps: () => steps,
    admin,
    /** One action of a cron: a step, or what is left of it. */
    async reconcile(): Promise<string> {
      const { state } = await act((ctx) => lobsterControl.provisioner(counted(ctx)).reconcile(account)).catch(
        (error: unknown) => {
          if (!(error instanceof Killed)) throw error;
          return { state: "killed" };
        },
      );
      clock.advance(15_000);
      return state;
    },
    /** Every droplet that was not heard of yet calls home and reports. */
    async boot(): Promise<void> {
      for (const { id, userData } of digitalOcean.droplets()) {
        const { bootstrapToken } = JSON.parse(userData) as { bootstrapToken: string };
        const serviceToken = ["lcs", "0123456789abcdef0123456789abcdef", id].join("_");
        const serviceTokenHash = await hashToken(new Secret(serviceToken));
        const request = { bootstrapToken, serviceTokenHash, dropletId: id };
        // By Convex, and again by HTTP as if the answer had been lost.
        await t.action(api.lobster.bootstrap.exchange, request).catch(() => {});
        const answer = await t.fetch("/lobster/v1/bootstrap/exchange", {
          method: "POST",
          headers: { "content-type": "application/json", authorization: `Bearer ${bootstrapToken}` },
          body: JSON.stringify({ serviceTokenHash, dropletId: id }),
        });
        if (answer.status === 200)
          await t.mutation(api.lobster.runtime.report, { token: serviceToken, report: reportOf() });
      }
    },
  };
}

async function tellStory(diesAfter: number | null): Promise<number> {
  const world = await createWorld(diesAfter);
  await world.admin((port) => port.provisionRuntime({ region: "fra1" }));
  let state = "";
  for (let tries = 0; state !== "running" && tries < 30; tries++) {
    state = await world.reconcile();
    if (world.digitalOcean.droplets().length > 0) await world.boot();
  }
  expect(state).toBe("running");
  expect(world.digitalOcean.droplets()).toHaveLength(1);
  expect(await world.admin((port) => port.runtime())).toMatchObject({ status: "online" });

  await world.admin((port) => port.destroyRuntime());
  for (let tries = 0; state !== "destroyed" && tries < 30; tries++) state = await world.reconcile();
  expect(state).toBe("destroyed");
  expect(world.digitalOcean.droplets()).toEqual([]);
  expect(await world.admin((port) => port.serviceTokens())).toEqual([]);
  expect(await world.admin((port) => port.runtime())).toMatchObject({ status: "destroyed" });
  return world.steps();
}

describe("promise 10: one droplet an account, on Convex", () => {
  it("is made, runs and is destroyed by actions that each do one step, and by any one of them dying anywhere", async () => {
    const steps = await tellStory(null);
    expect(steps).toBeGreaterThan(15);
    for (let diesAfter = 1; diesAfter <= steps; diesAfter++) await tellStory(diesAfter);
  });

  it("is not provided by an app that has no provisioner", async () => {
    const t = createTestApp();
    await t.mutation(internal.platform.upsertAccount, { account });
    const admin = t.withIdentity({ subject: "user-1" });
    await expect(
      admin.action(api.lobster.admin.provisionRuntime, { account, spec: { region: "fra1" } }),
    ).rejects.toMatchObject({ data: { code: "ERR_PROVISIONING_DISABLED" } });
  });
});
