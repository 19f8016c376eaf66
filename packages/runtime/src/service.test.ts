import {
  silentLogger,
  UnauthorizedError,
  WorkerFencedError,
  type Directive,
  type RuntimePort,
  type RuntimeReport,
  Secret,
} from "@lobstercontrol/core";
import { createFakeClock } from "@lobstercontrol/core/testing";
import { createOpenClawClient } from "@lobstercontrol/openclaw-client";
import { createMockGateway, type MockReply } from "@lobstercontrol/openclaw-client/testing";
import { createSqliteControlPlane } from "@lobstercontrol/sqlite";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { RuntimeEvent } from "./events.ts";
import type { RuntimeServiceOptions } from "./service-options.ts";
import { createRuntimeService } from "./service.ts";
import type { Sync } from "./sync.ts";

/** Lets promises and the mock's streams get on, without moving the clock. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** A control plane on SQLite whose answers to reports are the test's, a mock gateway, and services between them. */
async function openWorld(reply: () => MockReply | Promise<MockReply> = () => ({ text: "done" })) {
  const clock = createFakeClock();
  const controlPlane = createSqliteControlPlane({ path: ":memory:", clock });
  const account = "acme";
  await controlPlane.platform.upsertAccount({ account });
  await controlPlane.platform.upsertAgent({ account, agent: "writer" });
  const admin = controlPlane.admin({ id: "u" }, account);
  const inner = controlPlane.runtime((await admin.issueServiceToken()).token);
  const gateway = createMockGateway({ agents: ["writer"], reply });
  const reports: RuntimeReport[] = [];
  const plane = { directives: [] as Directive[], rosterRevision: 1, keysGeneration: 1 };
  const port: RuntimePort = {
    ...inner,
    async report(report) {
      reports.push(report);
      await inner.report(report);
      for (const { id } of report.ended)
        plane.directives = plane.directives.filter((directive) => directive.id !== id);
      return { ...plane };
    },
  };
  onTestFinished(() => controlPlane.close());

  return {
    clock,
    gateway,
    reports,
    plane,
    port,
    ends: () => reports.flatMap(({ ended }) => ended),
    notify: (input: string) =>
      controlPlane.platform.notify({
        account,
        agent: "writer",
        thread: input,
        input,
        idempotencyKey: input,
      }),
    states: async () => (await admin.notifications()).items.map(({ state }) => state).toReversed(),
    async pass(ms: number, stepMs = 1_000) {
      for (let passed = 0; passed < ms; passed += stepMs) {
        clock.advance(stepMs);
        await settle();
      }
    },
    async start(options: Partial<RuntimeServiceOptions> = {}) {
      const service = createRuntimeService({
        port,
        client: createOpenClawClient({
          baseUrl: "http://gateway.test",
          token: gateway.token,
          fetch: gateway.fetch,
          clock,
        }),
        workerId: "w",
        clock,
        random: () => 0.5,
        logger: silentLogger,
        ...options,
      });
      onTestFinished(async () => {
        const stopped = service.stop({ graceMs: 1_000 });
        for (let turn = 0; turn < 10; turn++) {
          clock.advance(1_000);
          await settle();
        }
        await stopped;
      });
      await service.start();
      await settle();
      return service;
    },
  };
}

function reasonOf(report: Pick<RuntimeReport, "conditions"> | undefined, type: string): string | undefined {
  return report?.conditions.find((condition) => condition.type === type)?.reason;
}

/** A sync that does as it is told, and remembers what it was asked, and what it has proven. */
function fakeSync() {
  const asked: { wanted: number; force: boolean }[] = [];
  let proven = 0;
  const sync: Sync & { asked: typeof asked; proves: boolean; ahead: number } = {
    asked,
    proves: true,
    /** How far ahead the control plane is of what it has told. */
    ahead: 0,
    async sync({ wanted, force }) {
      asked.push({ wanted, force });
      if (!sync.proves) return { proven, nextInMs: null, failed: true };
      proven = wanted + sync.ahead;
      return { proven, nextInMs: null };
    },
  };
  return sync;
}

describe("promise 11: the report", () => {
  it("tells the truth from the first on, and every status that is not online has a condition", async () => {
    const { gateway, reports, pass, start } = await openWorld();
    gateway.ready = false;
    await start();
    await pass(1_000);
    expect(reports[0]).toMatchObject({ sequence: 1, workerId: "w", status: "degraded" });
    expect(reports.at(-1)).toMatchObject({ status: "error" });
    gateway.ready = true;
    await pass(16_000);
    expect(reports.at(-1)).toMatchObject({ status: "online", gatewayVersion: "2026.9.6" });
    for (const { status, conditions } of reports)
      expect(status === "online" || conditions.some((condition) => condition.status !== "true")).toBe(true);
  });

  it("looks at the gateway at once when a delivery failed of it", async () => {
    const { gateway, reports, notify, pass, start } = await openWorld();
    await start();
    await pass(1_000);
    gateway.token = "another";
    await notify("hello");
    // Far before the next look on the interval.
    await pass(7_000);
    expect(reasonOf(reports.at(-1), "GatewayAuthorized")).toBe("TokenRefused");
    expect(reports.at(-1)?.status).toBe("error");
  });
});

it("promise 9: reports at once which keys generation a run has confirmed, though nothing else has changed", async () => {
  let used = 0;
  const keys = Object.assign(fakeSync(), {
    confirmed: () => used,
    onEvent({ type }: RuntimeEvent) {
      if (type === "delivered") used = 1;
    },
  });
  const { reports, plane, notify, pass, start } = await openWorld();
  plane.keysGeneration = 0;
  await start({ syncs: () => ({ keys }), reportMs: 60_000 });
  await notify("on the old key");
  await pass(20_000);
  used = 0;
  plane.keysGeneration = 1;
  while (reports.at(-1)?.keysGeneration !== 1) await pass(1_000);
  // It has just reported: neither the timer nor a wake-up has it do so again soon.
  await notify("on the new key");
  await pass(7_000);
  expect(reports.at(-1)).toMatchObject({ keysGeneration: 1, keysConfirmed: 1 });
});

describe("a directive", () => {
  it("drain: finishes what runs, claims nothing more, and says so until the process starts anew", async () => {
    let release = (): void => {};
    const world = await openWorld(
      () => new Promise((resolve) => (release = () => resolve({ text: "done" }))),
    );
    await world.notify("one");
    await world.start();
    await world.pass(2_000);
    world.plane.directives = [{ id: "d1", kind: "drain" }];
    await world.pass(16_000);
    await world.notify("two");
    await world.pass(20_000);
    expect([await world.states(), world.ends()]).toEqual([["leased", "pending"], []]);
    expect(world.reports.at(-1)?.status).toBe("degraded");
    release();
    await world.pass(20_000);
    expect(await world.states()).toEqual(["delivered", "pending"]);
    expect(world.ends()).toEqual([{ id: "d1", ok: true, message: "Nothing runs any more." }]);
    expect(reasonOf(world.reports.at(-1), "Claiming")).toBe("Drained");
  });

  it("resync: brings the roster and the keys again, and tells whether they are there", async () => {
    const roster = fakeSync();
    const keys = Object.assign(fakeSync(), { confirmed: () => 1, onEvent: () => {} });
    const { plane, ends, pass, start, reports } = await openWorld();
    await start({ syncs: () => ({ roster, keys }) });
    await pass(1_000);
    expect([roster.asked, keys.asked]).toEqual([
      [{ wanted: 1, force: false }],
      [{ wanted: 1, force: false }],
    ]);
    expect(reports.at(-1)).toMatchObject({ rosterRevision: 1, keysGeneration: 1, keysConfirmed: 1 });
    plane.directives = [{ id: "d1", kind: "resync" }];
    await pass(20_000);
    expect(roster.asked.at(-1)).toEqual({ wanted: 1, force: true });
    expect(ends()).toEqual([{ id: "d1", ok: true, message: expect.any(String) }]);

    keys.proves = false;
    plane.directives = [{ id: "d2", kind: "resync" }];
    await pass(20_000);
    expect(ends().at(-1)).toMatchObject({ id: "d2", ok: false });

    // A key was changed a moment ago: what was brought is newer than what this runtime was told of.
    keys.proves = true;
    keys.ahead = 1;
    plane.directives = [{ id: "d3", kind: "resync" }];
    await pass(20_000);
    expect(ends().at(-1)).toMatchObject({ id: "d3", ok: true });
  });

  it("restart: takes no work meanwhile, is proven, and is not done twice", async () => {
    const world = await openWorld();
    let asked = 0;
    const control = {
      sessionMark: async () => ({}),
      didRun: async () => ({ verdict: "unknown" as const }),
      async requestRestart() {
        asked++;
        world.clock.after(3_000, () => (world.gateway.ready = false));
        world.clock.after(9_000, () => (world.gateway.ready = true));
      },
    };
    world.plane.directives = [{ id: "d1", kind: "restart" }];
    await world.start({ control });
    await world.pass(2_000);
    await world.notify("hello");
    await world.pass(6_000);
    expect(await world.states()).toEqual(["pending"]);
    expect(world.reports.map((report) => reasonOf(report, "Claiming"))).toContain("Restarting");
    await world.pass(30_000);
    expect(await world.states()).toEqual(["delivered"]);
    expect([asked, world.ends()]).toEqual([
      1,
      [{ id: "d1", ok: true, message: "The gateway has restarted." }],
    ]);
    expect(reasonOf(world.reports.at(-1), "Claiming")).toBe("Claiming");
  });

  it("upgrade: is taken up by the next process where this one was ended, which takes no work before", async () => {
    const folder = mkdtempSync(join(tmpdir(), "lobster-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const journalPath = join(folder, "directives.json");
    const world = await openWorld();
    world.plane.directives = [{ id: "d1", kind: "upgrade", target: "v2" }];
    // The supervisor ends this process instead of answering.
    const first = await world.start({ journalPath, release: "v1", onUpgrade: () => new Promise(() => {}) });
    const upgraded = async (): Promise<string | undefined> => {
      await world.pass(1_000);
      return reasonOf(world.reports.at(-1), "Upgraded");
    };
    await expect.poll(upgraded).toBe("Upgrading");
    const stopped = first.stop({ graceMs: 2_000 });
    await world.pass(3_000);
    await stopped;
    expect(world.ends()).toEqual([]);

    world.gateway.ready = false;
    await world.notify("hello");
    const handed: string[] = [];
    await world.start({ journalPath, release: "v2", onUpgrade: async (target) => void handed.push(target) });
    await world.pass(5_000);
    expect(await world.states()).toEqual(["pending"]);
    world.gateway.ready = true;
    await expect.poll(async () => [await upgraded(), world.ends().length]).toEqual(["Upgraded", 1]);
    await world.pass(16_000);
    expect([handed, world.ends()]).toEqual([
      ["v2"],
      [{ id: "d1", ok: true, message: expect.stringContaining("v2") }],
    ]);
    expect(await world.states()).toEqual(["delivered"]);
  });
});

it("upgrade: what the hook is given is what runs, there and back, in a process that goes on", async () => {
  const world = await openWorld();
  const runs: string[] = ["v1"];
  const onUpgrade = async (target: string): Promise<void> => {
    runs.push(target);
    world.gateway.ready = target !== "v3";
  };
  await world.start({ release: "v1", onUpgrade, upgradeGateMs: 10_000 });
  for (const [index, target] of ["v2", "v1", "v2", "v3"].entries()) {
    world.plane.directives = [{ id: `d${index}`, kind: "upgrade", target }];
    await world.pass(40_000);
  }
  expect(runs).toEqual(["v1", "v2", "v1", "v2", "v3", "v2"]);
  expect(world.ends().map(({ ok }) => ok)).toEqual([true, true, true, false]);
});

it("promise 1: takes work, though an upgrade that has ended was left in the journal", async () => {
  const folder = mkdtempSync(join(tmpdir(), "lobster-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const journalPath = join(folder, "directives.json");
  const ended = [{ id: "d1", ok: false, message: "It failed unexpectedly." }];
  const upgrade = { id: "d1", target: "v2", previous: "v1", step: "handedOver" };
  writeFileSync(
    journalPath,
    JSON.stringify({ ended, restart: null, upgrade, upgraded: null, release: null }),
  );
  const world = await openWorld();
  await world.notify("hello");
  await world.start({ journalPath });
  await world.pass(10_000);
  expect(await world.states()).toEqual(["delivered"]);
});

it("takes no work before roster and keys were tried once, and not for ever when they hang", async () => {
  const world = await openWorld();
  await world.notify("hello");
  const hangs: Sync = { sync: () => new Promise(() => {}) };
  await world.start({ syncs: () => ({ roster: hangs }) });
  await world.pass(50_000);
  expect(await world.states()).toEqual(["pending"]);
  expect(reasonOf(world.reports.at(-1), "Claiming")).toBe("Starting");
  await world.pass(15_000);
  expect(await world.states()).toEqual(["delivered"]);
});

describe("ends by itself", () => {
  it.each([new UnauthorizedError(), new WorkerFencedError({ workerId: "w" })])(
    "when a report is answered with $code",
    async (error) => {
      const { port, start } = await openWorld();
      const service = await start({ port: { ...port, report: () => Promise.reject(error) } });
      expect(await service.finished).toEqual({ error });
    },
  );

  it("when the bootstrap token is refused, and has claimed nothing by then", async () => {
    const { port, start, notify, states } = await openWorld();
    await notify("hello");
    const refuse = (): Promise<never> => Promise.reject(new UnauthorizedError());
    const service = await start({
      port: { ...port, agents: refuse },
      enrol: {
        bootstrap: { exchange: refuse },
        bootstrapToken: new Secret("used-up"),
        serviceToken: new Secret("made-here"),
      },
    });
    expect((await service.finished).error?.code).toBe("ERR_BOOTSTRAP_REFUSED");
    expect(await states()).toEqual(["pending"]);
  });
});

describe("promise 13: stop", () => {
  it("reports that the runtime is offline, once and last, and leaves no timer behind", async () => {
    const { reports, clock, pass, start } = await openWorld();
    const service = await start({ health: { port: 0 } });
    await pass(1_000);
    const [one, two] = [service.stop(), service.stop()];
    await pass(1_000);
    await Promise.all([one, two]);
    expect(await service.finished).toEqual({ error: null });
    expect(reports.at(-1)?.status).toBe("offline");
    expect(reports.filter(({ status }) => status === "offline")).toHaveLength(1);
    expect([service.health().status, service.healthUrl(), clock.waiting()]).toEqual(["offline", null, 0]);
  });

  it("does not wait for a control plane that does not answer longer than the grace period", async () => {
    const { port, pass, start } = await openWorld();
    const service = await start({ port: { ...port, report: () => new Promise(() => {}) } });
    let isOver = false;
    void service.stop({ graceMs: 4_000 }).then(() => (isOver = true));
    await pass(3_000);
    expect(isOver).toBe(true);
  });
});
