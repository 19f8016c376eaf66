import { createFakeClock } from "@lobstercontrol/core/testing";
import type { GatewayProbe } from "@lobstercontrol/openclaw-client";
import { ControlUnreachableError } from "@lobstercontrol/openclaw-client/control";
import { expect, it } from "vitest";
import { openJournal } from "./journal.ts";
import { carryOutRestart } from "./restart-gateway.ts";

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

async function open(restarts: { goneAfterMs: number; backAfterMs: number } | null) {
  const clock = createFakeClock();
  const journal = await openJournal(null);
  const stop = new AbortController();
  const gateway = { ready: true, asked: 0 };
  const control = {
    async requestRestart() {
      gateway.asked++;
      if (restarts === null) return;
      clock.after(restarts.goneAfterMs, () => (gateway.ready = false));
      clock.after(restarts.backAfterMs, () => (gateway.ready = true));
    },
  };
  const client = {
    async probe(): Promise<GatewayProbe> {
      const { ready } = gateway;
      return {
        live: true,
        ready,
        authorized: ready ? true : null,
        responsesEnabled: true,
        version: null,
        latencyMs: 1,
        reason: null,
      };
    },
  };
  const options = { client, control, clock, signal: stop.signal };
  return {
    gateway,
    journal,
    stop,
    options,
    restart: (more: object = {}) => carryOutRestart("d1", journal, { ...options, ...more }),
    /** Lets time pass until it has ended. */
    async ended<T>(done: Promise<T>): Promise<T> {
      const over = new AbortController();
      void done.catch(() => {}).finally(() => over.abort());
      while (!over.signal.aborted) {
        clock.advance(250);
        await settle();
      }
      return await done;
    },
  };
}

it("is proven by a gateway that was not ready, and is again", async () => {
  const { restart, ended, gateway } = await open({ goneAfterMs: 6_400, backAfterMs: 22_400 });
  expect(await ended(restart())).toMatchObject({ ok: true, message: "The gateway has restarted." });
  expect(gateway).toEqual({ ready: true, asked: 1 });
});

it("is not believed of a gateway that took note and did nothing", async () => {
  const { restart, ended } = await open(null);
  await expect(ended(restart())).rejects.toThrow("was not seen to restart");
});

it("waits as long as it should when the clock is set, and leaves no timer behind", async () => {
  const { restart, ended, options } = await open({ goneAfterMs: 6_400, backAfterMs: 22_400 });
  for (const [atMs, byMs] of [
    [3_000, 3_600_000],
    [10_000, 3_600_000],
  ] as const)
    options.clock.after(atMs, () => options.clock.jump(byMs));
  expect(await ended(restart())).toMatchObject({ ok: true });
  expect(options.clock.waiting()).toBe(0);

  const other = await open(null);
  other.options.clock.after(60_000, () => other.options.clock.jump(-3_600_000));
  const startedAt = other.options.clock.now();
  await expect(other.ended(other.restart())).rejects.toThrow("was not seen to restart");
  expect(other.options.clock.now() - startedAt + 3_600_000).toBeLessThan(6.5 * 60_000);
  expect(other.options.clock.waiting()).toBe(0);
});

it("is not done when the gateway does not come back", async () => {
  const { restart, ended } = await open({ goneAfterMs: 1_000, backAfterMs: 3_600_000 });
  await expect(ended(restart())).rejects.toThrow("is not ready again");
});

it("is refused without a control connection, and fails with its word when that is down", async () => {
  const { restart } = await open(null);
  await expect(restart({ control: null })).rejects.toThrow("no control connection");
  const control = {
    requestRestart: () => Promise.reject(new ControlUnreachableError({ reason: "ECONNREFUSED" })),
  };
  const { restart: again } = await open(null);
  await expect(again({ control })).rejects.toMatchObject({ code: "ERR_CONTROL_UNREACHABLE" });
});

it("is not asked for a second time by a process that was started anew in the middle of it", async () => {
  const { restart, ended, gateway, journal } = await open(null);
  await journal.change({ restart: { id: "d1" } });
  expect(await ended(restart())).toMatchObject({ ok: true });
  expect(gateway.asked).toBe(0);
});
