import { createFakeClock } from "@lobstercontrol/core/testing";
import type { GatewayProbe } from "@lobstercontrol/openclaw-client";
import { describe, expect, it } from "vitest";
import { createConditions } from "../health/conditions.ts";
import { DirectiveFailed } from "./directive-failed.ts";
import { openJournal, type Journal } from "./journal.ts";
import { upgrade } from "./upgrade.ts";

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
const gateMs = 60_000;

/** A supervisor that runs versions, some of which are not healthy. */
function supervisor(healthy: readonly string[]) {
  const handed: string[] = [];
  return {
    handed,
    runs: "v1",
    healthy: () => handed.length === 0 || healthy.includes(handed.at(-1) ?? ""),
    async bring(target: string) {
      handed.push(target);
    },
  };
}

function open(
  around: ReturnType<typeof supervisor>,
  journal: Journal,
  more: { onUpgrade?: ((target: string) => Promise<void>) | null } = {},
) {
  const clock = createFakeClock();
  const conditions = createConditions(clock);
  const stop = new AbortController();
  const client = {
    async probe(): Promise<GatewayProbe> {
      const good = around.healthy();
      return {
        live: good,
        ready: good,
        authorized: good ? true : null,
        responsesEnabled: good ? true : null,
        version: null,
        latencyMs: null,
        reason: null,
      };
    },
  };
  return {
    stop,
    clock,
    conditions: () => conditions.list().map(({ status, reason, message }) => ({ status, reason, message })),
    async upgrade(target = "v2") {
      const done = upgrade(
        { id: "d1", target },
        {
          client,
          journal,
          conditions,
          onUpgrade: more.onUpgrade === undefined ? around.bring : more.onUpgrade,
          version: "v1",
          gateMs,
          clock,
          signal: stop.signal,
        },
      );
      const over = new AbortController();
      void done.catch(() => {}).finally(() => over.abort());
      while (!over.signal.aborted) {
        clock.advance(1_000);
        await settle();
      }
      const result = await done;
      await journal.end({ id: "d1", ok: result.ok, message: result.message }, result.journal);
      return result;
    },
  };
}

it("hands the version over, and is done when what comes up is healthy", async () => {
  const around = supervisor(["v2"]);
  const journal = await openJournal(null);
  const { upgrade: run, conditions } = open(around, journal);
  expect(await run()).toMatchObject({ ok: true, message: expect.stringContaining("v2") });
  expect(around.handed).toEqual(["v2"]);
  expect(conditions()).toMatchObject([{ status: "true", reason: "Upgraded" }]);
  expect(journal.state()).toMatchObject({ upgrade: null, release: "v2" });
});

describe("goes back, and says so,", () => {
  it("when what comes up is not healthy", async () => {
    const around = supervisor(["v1"]);
    const { upgrade: run, conditions } = open(around, await openJournal(null));
    const { ok, message } = await run();
    expect(ok).toBe(false);
    expect(message).toBe(
      "The upgrade to v2 failed (the gateway was not healthy within 60000 ms); v1 runs again.",
    );
    expect(around.handed).toEqual(["v2", "v1"]);
    expect(conditions()).toMatchObject([{ status: "false", reason: "RolledBack", message }]);
  });

  it("when the hook fails", async () => {
    const around = supervisor(["v1", "v2"]);
    const onUpgrade = async (target: string): Promise<void> => {
      await around.bring(target);
      if (target === "v2") throw new DirectiveFailed("the hook ended with 3");
    };
    const { upgrade: run } = open(around, await openJournal(null), { onUpgrade });
    expect(await run()).toMatchObject({
      ok: false,
      message: "The upgrade to v2 failed (the hook ended with 3); v1 runs again.",
    });
    expect(around.handed).toEqual(["v2", "v1"]);
  });

  it("to what the supervisor says ran, or the last upgrade brought, before what the runtime is", async () => {
    const release = ["sha256", "ab".repeat(32)].join(":");
    const around = supervisor([release]);
    const journal = await openJournal(null, release);
    expect((await open(around, journal).upgrade()).message).toContain(`${release} runs again`);
    expect(around.handed).toEqual(["v2", release]);

    await journal.change({ release: "v1.5" });
    const other = supervisor([]);
    expect((await open(other, journal).upgrade()).message).toContain("going back to v1.5");
    expect(other.handed).toEqual(["v2", "v1.5"]);
  });

  it("and says when not even that is healthy", async () => {
    const around = supervisor([]);
    const { upgrade: run, conditions } = open(around, await openJournal(null));
    expect((await run()).ok).toBe(false);
    expect(conditions()).toMatchObject([{ status: "false", reason: "RollbackFailed" }]);
  });
});

it.each([-600_000, 600_000])("waits as long as it should when the clock is set by %i ms", async (byMs) => {
  for (const [healthyAfterMs, ok] of [
    [30_000, true],
    [90_000, false],
  ] as const) {
    const around = supervisor([]);
    const opened = open(around, await openJournal(null), {
      async onUpgrade(target) {
        await around.bring(target);
        opened.clock.after(5_000, () => opened.clock.jump(byMs));
        opened.clock.after(healthyAfterMs, () => (around.healthy = () => true));
      },
    });
    expect((await opened.upgrade()).ok).toBe(ok);
    expect(around.handed).toEqual(ok ? ["v2"] : ["v2", "v1"]);
  }
});

describe("a process that comes up in the middle", () => {
  it("of the hand-over hands over again, and ends it well", async () => {
    const around = supervisor(["v2"]);
    const journal = await openJournal(null, "v2");
    await journal.change({ upgrade: { id: "d1", target: "v2", previous: "v1", step: "handedOver" } });
    expect(await open(around, journal).upgrade()).toMatchObject({ ok: true });
    expect(around.handed).toEqual(["v2"]);
  });

  it("of the way back ends there: the upgrade has failed", async () => {
    const around = supervisor(["v1"]);
    const journal = await openJournal(null, "v1");
    await journal.change({ upgrade: { id: "d1", target: "v2", previous: "v1", step: "rollingBack" } });
    const result = await open(around, journal).upgrade();
    expect(result).toMatchObject({ ok: false, message: expect.stringContaining("v1 runs again") });
    expect(around.handed).toEqual(["v1"]);
  });

  it("finds the step stored before it was taken", async () => {
    const journal = await openJournal(null);
    const steps: unknown[] = [];
    const around = supervisor([]);
    const onUpgrade = async (target: string): Promise<void> => {
      steps.push([target, journal.state().upgrade?.step]);
      await around.bring(target);
    };
    await open(around, journal, { onUpgrade }).upgrade();
    expect(steps).toEqual([
      ["v2", "handedOver"],
      ["v1", "rollingBack"],
    ]);
  });
});

it("a process that is stopped in the middle leaves it to the next", async () => {
  const around = supervisor([]);
  const journal = await openJournal(null);
  const opened = open(around, journal, {
    onUpgrade: async () => {
      opened.stop.abort();
      throw new DirectiveFailed("the hook was ended by SIGKILL");
    },
  });
  await expect(opened.upgrade()).rejects.toThrow("stopped");
  expect(journal.state().upgrade).toMatchObject({ step: "handedOver" });
});

it.each(["", "v2; rm -rf /", "$(id)", "-v", "two words", "a\nb", "x".repeat(300)])(
  "%j is no version, and is handed to nobody",
  async (target) => {
    const around = supervisor(["v2"]);
    const { upgrade: run } = open(around, await openJournal(null));
    await expect(run(target)).rejects.toThrow("no version");
    expect(around.handed).toEqual([]);
  },
);

it("is refused without a hook", async () => {
  const { upgrade: run } = open(supervisor([]), await openJournal(null), { onUpgrade: null });
  await expect(run()).rejects.toThrow("UPGRADE_HOOK");
});
