/**
 * A network that goes bad between the runtime and its control plane, or between the runtime and its gateway. The runtime is
 * `lobster-runtime` itself, over the HTTP binding, beside the mock gateway. It recovers by itself, its status says what was
 * wrong, and nothing is lost or doubled.
 */
import type { Message } from "@lobstercontrol/core";
import { createRuntimeHandler } from "@lobstercontrol/core/http";
import { createMockGateway, listenMockGateway } from "@lobstercontrol/openclaw-client/testing";
import { createSqliteControlPlane } from "@lobstercontrol/sqlite";
import { describe, expect, it, onTestFailed, onTestFinished } from "vitest";
import { startProgram, testFolder } from "../../packages/runtime/tests/program.ts";
import { serve } from "../../packages/sqlite/tests/http/serve.ts";
import { judge } from "./judge.ts";
import { account, agent, inputOf, rules, threadOf } from "./settings.ts";
import { openToxicProxy, type Toxic } from "./toxic-proxy.ts";
import { until } from "./until.ts";
import { watchDatabase } from "./watch-database.ts";

const threads = 10;
const concurrency = 5;
const leaseMs = 2_000;

/** All that is there, with a network on either side of the runtime. */
async function openWorld(probeMs: number) {
  const path = `${testFolder()}/lobster.db`;
  // Each try that a bad network spoils is the notification's own, since it may have run: here they must not run out.
  const controlPlane = createSqliteControlPlane({ path, ...rules, maxAttempts: 1_000 });
  await controlPlane.platform.upsertAccount({ account });
  await controlPlane.platform.upsertAgent({ account, agent });
  const admin = controlPlane.admin({ id: "user-1" }, account);
  const token = (await admin.issueServiceToken()).token.reveal();
  const { leases } = watchDatabase(path);

  const heard: string[] = [];
  const gateway = createMockGateway({
    agents: [agent],
    reply({ input }) {
      heard.push(input);
      return { delayMs: 20 + Math.random() * 100, text: `re: ${input}` };
    },
  });
  const gatewayServer = await listenMockGateway(gateway);
  const server = await serve(createRuntimeHandler({ controlPlane }));
  onTestFinished(async () => {
    await Promise.all([server.close(), gatewayServer.close()]);
    controlPlane.close();
  });
  const networks = {
    "control plane": await openToxicProxy(() => server.port),
    gateway: await openToxicProxy(() => Number(new URL(gatewayServer.url).port)),
  };
  const program = startProgram(["start"], {
    CONTROL_PLANE_URL: networks["control plane"].url,
    SERVICE_TOKEN: token,
    OPENCLAW_GATEWAY_URL: networks.gateway.url,
    OPENCLAW_GATEWAY_TOKEN: gateway.token,
    // The mock has no history to look into: what may have run is repeated, and said to be.
    OPENCLAW_CONTROL: "off",
    CONCURRENCY: String(concurrency),
    LEASE_MS: String(leaseMs),
    // A run whose answer will never come.
    RUN_TIMEOUT_MS: "4000",
    POLL_MS: "200",
    PROBE_MS: String(probeMs),
    REPORT_MS: "1000",
    HEALTH_PORT: "0",
    LOG_LEVEL: "info",
  });
  onTestFailed(() => console.log(program.output().slice(-3_000)));
  const healthUrl = await program.healthUrl();
  const inputs: string[] = [];

  return {
    networks,
    async condition(type: string): Promise<{ status: string; reason: string } | undefined> {
      const response = await fetch(`${healthUrl}/health`);
      const health = (await response.json()) as {
        conditions: { type: string; status: string; reason: string }[];
      };
      return health.conditions.find((condition) => condition.type === type);
    },
    async notify(count: number): Promise<void> {
      for (const last = inputs.length + count; inputs.length < last;) {
        const thread = threadOf(inputs.length % threads);
        const input = inputOf(thread, Math.floor(inputs.length / threads));
        await controlPlane.platform.notify({ account, agent, thread, input, idempotencyKey: input });
        inputs.push(input);
      }
    },
    async messages(): Promise<Message[]> {
      return (await controlPlane.platform.messages({ limit: 1_000 })).messages;
    },
    async end(): Promise<number | null> {
      program.kill("SIGTERM");
      return await program.exited;
    },
    async problems(): Promise<string[]> {
      const messages = (await controlPlane.platform.messages({ limit: 1_000 })).messages;
      return judge({
        inputs,
        notifications: (await admin.notifications({ limit: 1_000 })).items,
        messages,
        stored: messages,
        heard,
        isReply: (input, text) => text === `re: ${input}`,
        redriven: [],
        completes: [],
        leases: leases(),
      });
    },
  };
}

interface Story {
  where: "control plane" | "gateway";
  condition: "ControlPlaneReachable" | "GatewayReachable";
  toxic: Toxic;
  /** Whether there is something for the status to say: what is only slow is not wrong. */
  isWrong: boolean;
  /** A call that hangs is given up after ten seconds: only then can the runtime know that the network is well again. */
  probeMs: number;
}

const sides = [
  { where: "control plane", condition: "ControlPlaneReachable" },
  { where: "gateway", condition: "GatewayReachable" },
] as const;
const networks: Pick<Story, "toxic" | "isWrong" | "probeMs">[] = [
  { toxic: { kind: "latency", ms: 150 }, isWrong: false, probeMs: 2_000 },
  { toxic: { kind: "drip", bytes: 100, everyMs: 10 }, isWrong: false, probeMs: 2_000 },
  { toxic: { kind: "cut" }, isWrong: true, probeMs: 2_000 },
  { toxic: { kind: "halfOpen" }, isWrong: true, probeMs: 6_000 },
];
const stories: Story[] = sides.flatMap((side) => networks.map((network) => ({ ...side, ...network })));

describe("promises 1 to 5 and 11 in a toxic network", () => {
  it.each(stories)("$toxic.kind between the runtime and the $where", async (story) => {
    const world = await openWorld(story.probeMs);
    const delivered = async (count: number): Promise<void> => {
      await until(`${count} are delivered`, async () => (await world.messages()).length >= count);
    };
    const isTrue = async (): Promise<boolean> => (await world.condition(story.condition))?.status === "true";
    await world.notify(20);
    await delivered(5);
    await until("the runtime says that all is well", isTrue);

    const network = world.networks[story.where];
    const wentBadAt = performance.now();
    network.set(story.toxic);
    await world.notify(60);
    let saidAfterMs = 0;
    if (story.isWrong) {
      await until("the status says what is wrong", async () => !(await isTrue()));
      saidAfterMs = performance.now() - wentBadAt;
      // Longer than a lease, so that all that is held runs out.
      await until("the leases have run out", () => performance.now() - wentBadAt > leaseMs * 1.5);
    } else await delivered(30);
    const during = (await world.messages()).length;

    const wellAt = performance.now();
    network.set({ kind: "none" });
    await until("the status says that all is well", isTrue);
    const wellAfterMs = performance.now() - wellAt;
    await world.notify(20);
    await delivered(100);

    expect(await world.problems()).toEqual([]);
    // Within one interval, and what it takes a busy machine to ask for it.
    expect(saidAfterMs).toBeLessThan(story.probeMs + 500);
    expect(wellAfterMs).toBeLessThan(2 * story.probeMs);
    expect(await world.end()).toBe(0);
    const repeated = (await world.messages()).filter((message) => message.repeated).length;
    console.log(
      `${story.toxic.kind}, ${story.where}: ${during} of 80 delivered by the time it was well again, ${repeated} repeated;`,
      `said after ${Math.round(saidAfterMs)} ms, well after ${Math.round(wellAfterMs)} ms`,
    );
  });
});
