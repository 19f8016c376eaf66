/**
 * The example backend with a DigitalOcean: its own functions on convex-test behind Convex's real clients, its own client of
 * DigitalOcean at the imitation of `tests/contract` on loopback, its crons, droplets that boot. All in a time that stands still until
 * it is moved, so that one thing happens after another.
 */
import {
  accountId,
  hashToken,
  Secret,
  systemClock,
  UnauthorizedError,
  type ProvisionRecord,
  type RuntimeInfo,
  type RuntimePort,
} from "@lobstercontrol/core";
import { reportOf } from "@lobstercontrol/core/testing";
import type { RunsMutations } from "@lobstercontrol/convex";
import { createConvexRuntimePort } from "@lobstercontrol/convex/runtime";
import { ConvexHttpClient } from "convex/browser";
import { makeFunctionReference, type CronJob } from "convex/server";
import type { JSONValue } from "convex/values";
import { vi } from "vitest";
import { api } from "../../examples/convex-app/convex/_generated/api.js";
import crons from "../../examples/convex-app/convex/crons.ts";
import { lobsterControl } from "../../examples/convex-app/convex/lobster/control.ts";
import schema from "../../examples/convex-app/convex/schema.ts";
import {
  createApp,
  issuer,
  modulesOf,
  serveApp,
} from "../../packages/convex/tests/local-deployment/open-app.ts";
import { createContract } from "../contract/fake/contract.ts";
import { createDigitalOceanFake } from "../contract/fake/create-digital-ocean-fake.ts";
import { documentFile } from "../contract/fake/document.ts";
import { listen } from "../contract/fake/listen.ts";
import type { DigitalOceanFake, FakeDroplet } from "../contract/fake/types.ts";
import { bootstrapTokenIn } from "../contract/user-data.ts";
import type { AdminClient } from "./backend.ts";
import { exampleFolder } from "./example-backend.ts";
import { createMortality } from "./mortal.ts";

/** The account of these tests. */
export const account = "acme";
/** Assembled, so that nothing that looks like a token stands in the repository. */
export const token = ["dop", "v1", "c0ffee".repeat(10)].join("_");
const adminKey = "local-admin";
/** What a droplet tells of on its first boot; see `scripts/boot.ts` of the provisioner. */
const phases = ["packages", "docker", "firewall", "images", "start"];
const minuteMs = 60_000;

/** How a world is made. */
export interface ExampleWorldOptions {
  /** The moment at which an action dies; null for never. See `Mortality`. */
  diesAt?: number | null;
  /** How long a droplet takes until it calls home, in milliseconds. */
  bootMs?: number;
}

/** The example backend, and all that it deals with. */
export interface ExampleWorld {
  digitalOcean: DigitalOceanFake;
  /** What the actions have done so far. */
  moments: readonly string[];
  /** A page of the platform, on which the admin has signed in. */
  admin: ConvexHttpClient;
  /** Somebody with the deployment's admin key. */
  operator: ConvexHttpClient;
  /** Clicks until it was done: of an action that died the page shows an error, and the button is still there. */
  click(call: (admin: ConvexHttpClient) => Promise<unknown>): Promise<void>;
  /** Adds an account beside acme, with the same admin. */
  addAccount(slug: string): Promise<void>;
  /** How an account's runtime is, as the page shows it: acme's unless another is named. */
  runtime(of?: string): Promise<RuntimeInfo>;
  /** What is stored of acme's droplet. */
  record(): Promise<ProvisionRecord | null>;
  /** The most droplets that there were at once. */
  mostAtOnce(): number;
  /** When requests came to DigitalOcean, in milliseconds since the epoch. */
  requestedAt: readonly number[];
  /** All that scheduled functions were given, as JSON. */
  scheduled(): Promise<string>;
  /** Lets so much time pass: crons, scheduled functions, droplets. */
  pass(byMs: number): Promise<void>;
  /** Lets time pass until something holds, an hour at most. */
  until(isSo: () => boolean | Promise<boolean>): Promise<void>;
  /** Each status that acme's page has shown, with what it said, one after another. */
  shown: string[];
  close(): Promise<void>;
}

/** The one DigitalOcean address of this file's worlds: the example keeps its client for as long as the process lives. */
const server = { fetch: ((): never => raise("There is no world.")) as typeof globalThis.fetch };
let listening: Promise<{ url: string; close(): Promise<void> }> | null = null;
let contract: ReturnType<typeof createContract> | null = null;

/** Makes a world in which time stands still. */
export async function createExampleWorld({
  diesAt = null,
  bootMs = 40_000,
}: ExampleWorldOptions = {}): Promise<ExampleWorld> {
  listening ??= listen({ fetch: (input, init) => server.fetch(input, init) });
  contract ??= documentFile === null ? null : createContract(documentFile);
  const judge = await contract;
  vi.stubEnv("DIGITALOCEAN_API_URL", (await listening).url);
  vi.stubEnv("DIGITALOCEAN_TOKEN", token);
  vi.stubEnv("GATEWAY_IMAGE", "registry.example.com/openclaw:2026.9.6");
  vi.stubEnv("RUNTIME_IMAGE", "registry.example.com/lobster-runtime:1.0.0");
  vi.stubEnv("CONVEX_SITE_URL", "https://happy-animal-123.convex.site");
  vi.stubEnv("CONVEX_CLOUD_URL", "https://happy-animal-123.convex.cloud");
  vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"], now: nextStart() });

  const mortality = createMortality(diesAt);
  const digitalOcean = createDigitalOceanFake({
    clock: systemClock,
    contract: judge,
    token,
    // Longer than until the next tick: what a dead action has made is not in the list that the next one reads.
    tagLagMs: 61_000,
    bootMs: 20_000,
  });
  const requestedAt: number[] = [];
  let mostAtOnce = 0;
  server.fetch = (input, init) => {
    requestedAt.push(Date.now());
    const answer = digitalOcean.fetch(input, init);
    return answer.finally(() => (mostAtOnce = Math.max(mostAtOnce, digitalOcean.droplets().length)));
  };
  vi.stubGlobal("fetch", mortality.fetch(globalThis.fetch));

  const modules = mortality.modules(modulesOf(exampleFolder));
  const t = createApp(schema, modules);
  const deployment = await serveApp({ t, modules, adminKey });
  const operator = new ConvexHttpClient(deployment.url, { logger: false }) as AdminClient & AnyKind;
  operator.setAdminAuth(adminKey);
  const admin = new ConvexHttpClient(deployment.url, { logger: false });
  admin.setAuth("user:bea");
  await operator.mutation(makeFunctionReference<"mutation">("seed:acme"), { user: `${issuer}|bea` });

  const due = Object.values(crons.crons).map((cron) => ({ cron, at: Date.now() + dueIn(cron.schedule) }));
  async function runCrons(): Promise<void> {
    for (const entry of due) {
      if (entry.at > Date.now()) continue;
      entry.at += dueIn(entry.cron.schedule);
      const [args] = entry.cron.args as JSONValue[];
      // It may die; the next one makes up for it.
      await operator.function(makeFunctionReference(entry.cron.name), undefined, args).catch(() => {});
    }
  }
  /** When the next of what was scheduled is due. */
  async function nextDue(): Promise<number> {
    const scheduled = await t.run(
      async (ctx) => await ctx.db.system.query("_scheduled_functions").take(2_000),
    );
    const pending = scheduled.flatMap(({ state, scheduledTime }) =>
      state.kind === "pending" ? [scheduledTime] : [],
    );
    return Math.min(...pending, ...due.map(({ at }) => at));
  }

  const machines = new Map<number, ReturnType<typeof createMachine>>();
  const shown: string[] = [];
  const runtime = async (of = account): Promise<RuntimeInfo> =>
    await admin.query(api.lobster.admin.runtime, { account: of });

  /** Whatever is next, and all that it brings about at once. */
  async function turn(): Promise<void> {
    vi.advanceTimersByTime(Math.max(0, (await nextDue()) - Date.now()));
    await runCrons();
    await t.finishInProgressScheduledFunctions();
    for (const droplet of digitalOcean.droplets()) {
      if (Date.now() < droplet.createdAt + bootMs) continue;
      const machine = machines.get(droplet.id) ?? createMachine(deployment.url, droplet);
      machines.set(droplet.id, machine);
      await machine.live();
    }
    const { status, conditions } = await runtime();
    const line = [`${status}.`, ...conditions.map(({ message }) => message)].join(" ");
    if (line !== shown.at(-1)) shown.push(line);
  }

  async function pass(byMs: number): Promise<void> {
    const end = Date.now() + byMs;
    // The last turn may end a little later: the next cron is never more than a minute away.
    while (Date.now() < end) await turn();
  }

  async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
    const end = Date.now() + 60 * minuteMs;
    while (!(await isSo())) {
      if (Date.now() > end) throw new Error(`It never came to that; the page has shown ${shown.join(", ")}.`);
      await turn();
    }
  }

  return {
    digitalOcean,
    moments: mortality.moments,
    admin,
    operator,
    async click(call) {
      for (let tries = 0; ; tries++) {
        try {
          await call(admin);
          return;
        } catch (error) {
          if (tries > 0 || diesAt === null) throw error;
          await turn();
        }
      }
    },
    async addAccount(slug) {
      await operator.mutation(makeFunctionReference<"mutation">("seed:another"), { slug, name: slug });
      await operator.mutation(makeFunctionReference<"mutation">("seed:member"), {
        account: slug,
        user: `${issuer}|bea`,
        name: "Bea",
        role: "admin",
      });
    },
    runtime,
    record: async () =>
      await t.action(
        async (ctx) =>
          await lobsterControl.provisionStore(ctx as RunsMutations).read(accountId.parse(account)),
      ),
    mostAtOnce: () => mostAtOnce,
    requestedAt,
    scheduled: async () =>
      JSON.stringify(
        await t.run(async (ctx) => await ctx.db.system.query("_scheduled_functions").take(2_000)),
      ),
    pass,
    until,
    shown,
    async close() {
      vi.clearAllTimers();
      vi.useRealTimers();
      vi.unstubAllEnvs();
      vi.unstubAllGlobals();
      await deployment.close();
    },
  };
}

/** Frees the port. */
export async function closeDigitalOcean(): Promise<void> {
  await (await listening)?.close();
  listening = null;
}

/** A droplet's first boot, and its runtime after that: at each turn the next thing, and again what was not answered. */
function createMachine(url: string, { id, userData }: FakeDroplet): { live(): Promise<void> } {
  const bootstrapToken = bootstrapTokenIn(userData);
  const serviceToken = new Secret(["lcs", "0123456789abcdef0123456789abcdef", id].join("_"));
  const port: RuntimePort = createConvexRuntimePort({ url, serviceToken });
  const toDo = [
    ...phases.map((phase) => () => call("phase", { phase, ok: true })),
    async () => await call("exchange", { serviceTokenHash: await hashToken(serviceToken), dropletId: id }),
  ];

  /** As the droplet's script does. */
  async function call(name: string, body: Record<string, unknown>): Promise<boolean> {
    const { status } = await fetch(`${url}/lobster/v1/bootstrap/${name}`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${bootstrapToken.reveal()}` },
      body: JSON.stringify(body),
    });
    return status === 200;
  }

  return {
    async live() {
      const [next] = toDo;
      if (next === undefined) {
        await port
          .report(reportOf({ workerId: `droplet-${id}`, nextInMs: minuteMs }))
          .catch((error: unknown) => {
            // A droplet that is to go is there for a while when its token is good no more.
            if (!UnauthorizedError.isInstance(error)) throw error;
          });
      } else if (await next()) toDo.shift();
    },
  };
}

let worlds = 0;
/** A few minutes before the hour's look after the droplets. Time never goes back: the client counts its requests by it. */
const nextStart = (): number => Date.UTC(2026, 10, 26, 0, 38) + worlds++ * 24 * 60 * minuteMs;

/** How long until a cron is due, by the kinds of schedules that the example has. */
function dueIn(schedule: CronJob["schedule"]): number {
  if (schedule.type === "interval" && "minutes" in schedule) return schedule.minutes * minuteMs;
  if (schedule.type === "hourly") return untilNext(60 * minuteMs, (schedule.minuteUTC ?? 0) * minuteMs);
  if (schedule.type === "daily")
    return untilNext(24 * 60 * minuteMs, (schedule.hourUTC * 60 + (schedule.minuteUTC ?? 0)) * minuteMs);
  throw new Error(`A schedule that is ${schedule.type} is not known here.`);
}

const untilNext = (every: number, at: number): number =>
  every - ((((Date.now() - at) % every) + every) % every);

function raise(message: string): never {
  throw new Error(message);
}

/** What Convex's own command uses and its types hide: calls a function whose kind is not known. */
interface AnyKind {
  function(f: unknown, component: undefined, args: unknown): Promise<unknown>;
}
