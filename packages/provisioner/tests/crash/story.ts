import { keptDroplet, LobsterError, type Provisioner } from "@lobstercontrol/core";
import { expect } from "vitest";
import { acme, actor, createWorld, wrapCalls, type World, type WorldOptions } from "../../src/test-world.ts";
import type { ProvisionerOptions } from "../../src/create-provisioner.ts";
import { apiFaults, Crash, storeFaults, type Fault } from "./faults.ts";

/** Where something goes wrong: the n-th call of a story, from 1, if it is one to that port. */
export interface Injection {
  call: number;
  port: StoryCall["port"];
  fault: Fault;
}

/** A call of a story. */
export interface StoryCall {
  port: "api" | "store";
  name: string;
}

/** How a story is told. */
export interface StoryOptions {
  injections?: readonly Injection[];
  /** How many processes drive the same account at once. */
  callers: number;
  /** How long lists lag, in milliseconds. */
  lagMs: number;
  /** After so many calls somebody asks for the droplet's end, wherever it is by then; null for once it runs. */
  destroyAfter?: number | null;
  /** Replaces a part, to see the tests fail. */
  sabotage?: (options: ProvisionerOptions) => ProvisionerOptions;
}

/** The most calls that a story may take, for each caller: a storm is a bug. */
const mostCallsPerCaller = 90;
/** Longer than any deadline: 10 minutes to create, 15 to boot, and the time that clearing up takes. */
const patienceMs = 60 * 60_000;

/**
 * Somebody asks for a droplet; processes reconcile until it runs; somebody asks for its end; processes reconcile until it is
 * gone. One or several calls go wrong on the way. What must be true at both ends is checked here.
 *
 * @returns every call that was made
 */
export async function tellStory({
  injections = [],
  callers,
  lagMs,
  destroyAfter = null,
  sabotage = (options) => options,
}: StoryOptions): Promise<StoryCall[]> {
  const world = createWorld({ lagMs } satisfies WorldOptions);
  const calls: StoryCall[] = [];
  let mostAtOnce = 0;
  let asked = false;

  const around =
    (port: StoryCall["port"], caller: number) =>
    async (name: string, call: () => Promise<unknown>): Promise<unknown> => {
      calls.push({ port, name });
      const { fault } = injections.find((each) => each.call === calls.length && each.port === port) ?? {};
      // Those who work at the same time do not keep step.
      for (let turn = 0; turn <= caller; turn++) await Promise.resolve();
      if (fault?.before) throw fault.before(world.clock);
      const answer = await call();
      mostAtOnce = Math.max(mostAtOnce, world.digitalOcean.droplets().length);
      if (fault?.after) throw fault.after(world.clock);
      return answer;
    };

  /** A new process. */
  const start = (caller: number): Provisioner =>
    world.provisioner(
      sabotage({
        api: wrapCalls(world.digitalOcean.api, around("api", caller)),
        store: wrapCalls(world.store, around("store", caller)),
        userData: ({ bootstrapToken }) => JSON.stringify({ bootstrapToken: bootstrapToken.reveal() }),
      }),
    );

  /** Asks until it was heard. */
  async function ask(call: (provisioner: Provisioner) => Promise<void>): Promise<void> {
    for (let tries = 0; tries < 5; tries++) {
      try {
        await call(start(0));
        return;
      } catch (error) {
        expectInjected(error);
        await world.pass(1_000);
      }
    }
    throw new Error("the wish was never heard");
  }

  async function reconcileUntil(isDone: (result: { state: string; nextInMs: number | null }) => boolean) {
    const until = world.clock.now() + patienceMs;
    const processes = Array.from({ length: callers }, (_, caller) => ({
      caller,
      provisioner: start(caller),
      dueAt: world.clock.now(),
      done: false,
    }));
    for (;;) {
      const due = processes.filter(({ dueAt }) => dueAt <= world.clock.now());
      await Promise.all(
        due.map(async (process) => {
          try {
            const result = await process.provisioner.reconcile(acme);
            process.done =
              isDone(result) || (destroyAfter !== null && !asked && calls.length >= destroyAfter);
            process.dueAt = world.clock.now() + Math.max(100, result.nextInMs ?? patienceMs);
          } catch (error) {
            expectInjected(error);
            process.provisioner = start(process.caller);
            process.dueAt = world.clock.now() + 1_000;
          }
        }),
      );
      // Whoever asks for something next does it at this moment, and not when a list has stopped lagging.
      if (processes.every(({ done }) => done)) return;
      if (world.clock.now() > until)
        throw new Error(`not done: ${JSON.stringify(await world.store.read(acme))}`);
      await world.pass(Math.max(1, Math.min(...processes.map(({ dueAt }) => dueAt)) - world.clock.now()));
    }
  }

  await ask((provisioner) => provisioner.provision("acme", { region: "fra1" }, actor));
  await reconcileUntil(({ state, nextInMs }) => state === "running" && nextInMs === 60 * 60_000);
  if (destroyAfter === null) await expectOneDroplet(world);
  const callsToRun = calls.length;
  asked = true;
  await ask((provisioner) => provisioner.destroy("acme", actor));
  await reconcileUntil(({ state }) => state === "destroyed");
  await expectNoDroplet(world);
  // Two are healed, and cost money until they are: unless a process sleeps for minutes, there is never a second one.
  expect(mostAtOnce).toBeLessThanOrEqual(1);
  expect(callsToRun).toBeLessThan(mostCallsPerCaller * callers);
  expect(calls.length - callsToRun).toBeLessThan(mostCallsPerCaller * callers);
  return calls;
}

/** Promise 10: exactly one, and the record knows which; nothing else of what was tried is left. */
async function expectOneDroplet(world: World): Promise<void> {
  // What lags, or was lost, shows itself by now; it must be looked after by then.
  await world.pass(120_000);
  await world.settle();
  const there = world.digitalOcean.droplets();
  const record = (await world.store.read(acme))!;
  expect(there.map(({ id }) => id)).toEqual([keptDroplet(record)?.id]);
  expect(record.state).toBe("running");
  expect(world.store.serviceTokens("acme")).toHaveLength(1);
  const types = world.activities();
  expect(types.filter((type) => type === "runtime_provision_requested")).toHaveLength(1);
  expect(types.filter((type) => type === "runtime_provisioned")).toHaveLength(1);
  expect(types).not.toContain("runtime_provision_failed");
  expect(world.digitalOcean.firewalls()).toHaveLength(1);
  // One create for each attempt, at most.
  expect(world.digitalOcean.calls.filter(({ name }) => name === "createDroplet").length).toBeLessThanOrEqual(
    record.attempts.length,
  );
}

async function expectNoDroplet(world: World): Promise<void> {
  await world.pass(120_000);
  expect(world.digitalOcean.droplets()).toEqual([]);
  const record = (await world.store.read(acme))!;
  expect(record.state).toBe("destroyed");
  expect(record.attempts.flatMap(({ droplets }) => droplets).filter(({ gone }) => !gone)).toEqual([]);
  expect(world.store.serviceTokens("acme")).toEqual([]);
  expect(world.activities().filter((type) => type.startsWith("runtime_destroy"))).toEqual([
    "runtime_destroy_requested",
    "runtime_destroyed",
  ]);
}

function expectInjected(error: unknown): void {
  if (error instanceof Crash) return;
  if (LobsterError.isInstance(error) && error.code === "ERR_DATABASE_BUSY") return;
  throw error;
}

/** Every fault of every call of a story. */
export function injectionsFor(calls: readonly StoryCall[]): { title: string; injection: Injection }[] {
  return calls.flatMap(({ port, name }, index) =>
    (port === "api" ? apiFaults : storeFaults).map((fault) => ({
      title: `${port}.${name} (call ${index + 1}): ${fault.name}`,
      injection: { call: index + 1, port, fault },
    })),
  );
}
