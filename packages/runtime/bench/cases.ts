/** One measurement in a process of its own, so that its memory is its own: `cases.ts NAME JSON`, the result on stdout. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createOpenClawClient } from "@lobstercontrol/openclaw-client";
import { sessionKey } from "@lobstercontrol/core";
import { createRuntime, type RuntimeOptions } from "@lobstercontrol/runtime";
import { createSqliteControlPlane } from "@lobstercontrol/sqlite";

/** What a case is told. */
export interface CaseParameters {
  /** Where the gateway is: in this process, or behind a socket in another. */
  gateway: "in process" | "wire";
  /** Runs at the same time. */
  concurrency: number;
  /** Notifications, on 200 session keys. */
  total: number;
}

const keys = 200;
const usage = { inputTokens: 1, outputTokens: 1, totalTokens: 2 };
const now = (): number => performance.timeOrigin + performance.now();

async function openGateway(kind: CaseParameters["gateway"], onRequest?: (input: string, at: number) => void) {
  if (kind === "in process") {
    const client: RuntimeOptions["client"] = {
      probe: () => Promise.reject(new Error("Nothing is cut here, so nobody asks.")),
      responses: {
        async create({ input }) {
          onRequest?.(typeof input === "string" ? input : "", now());
          return {
            id: "resp_1",
            status: "completed",
            text: "done",
            incompleteReason: null,
            toolCalls: [],
            usage,
            model: "openclaw",
          };
        },
      },
    };
    return { client, close() {} };
  }
  const child = fork(join(import.meta.dirname, "gateway.ts"), { execArgv: process.execArgv });
  const [{ port }] = (await once(child, "message")) as [{ port: number }];
  child.on("message", ({ input, at }: { input: string; at: number }) => onRequest?.(input, at));
  const timed: typeof fetch = (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set("x-bench-times", "1");
    return fetch(input, { ...init, headers });
  };
  const client = createOpenClawClient({
    baseUrl: `http://127.0.0.1:${port}`,
    token: "bench-token",
    ...(onRequest === undefined ? {} : { fetch: timed }),
  });
  return { client, close: () => child.disconnect() };
}

async function openControlPlane() {
  // Beside the repository and not in the temporary folder, which may be in memory and make every commit free.
  const cache = join(import.meta.dirname, "../../../.cache/bench");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "loop-"));
  const controlPlane = createSqliteControlPlane({ path: join(folder, "lobster.db") });
  await controlPlane.platform.upsertAccount({ account: "acme" });
  await controlPlane.platform.upsertAgent({ account: "acme", agent: "writer" });
  const port = controlPlane.runtime(
    (await controlPlane.admin({ id: "bench" }, "acme").issueServiceToken()).token,
  );
  return {
    port,
    notify: (index: number) =>
      controlPlane.platform.notify({
        account: "acme",
        agent: "writer",
        thread: `t${index % keys}`,
        input: String(index),
        idempotencyKey: String(index),
      }),
    close() {
      controlPlane.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Deliveries a second of everything that was waiting at the start. */
async function throughput({ gateway, concurrency, total }: CaseParameters) {
  const { client, close } = await openGateway(gateway);
  const controlPlane = await openControlPlane();
  await Promise.all(Array.from({ length: total }, (_, index) => controlPlane.notify(index)));
  let delivered = 0;
  const started = performance.now();
  const cpu = process.cpuUsage();
  await new Promise<void>((resolve) => {
    const runtime = createRuntime({
      port: controlPlane.port,
      client,
      concurrency,
      onEvent(event) {
        if (event.type === "delivered" && ++delivered === total) void runtime.stop().then(resolve);
      },
    });
    runtime.start();
  });
  const result = figures(total, started, cpu);
  controlPlane.close();
  close();
  return result;
}

/** The same requests without a queue, a database or a retry: the most that the client can do. */
async function noQueue({ gateway, concurrency, total }: CaseParameters) {
  const { client, close } = await openGateway(gateway);
  const agent = "writer";
  let next = 0;
  const started = performance.now();
  const cpu = process.cpuUsage();
  const worker = async (): Promise<void> => {
    for (let index = next++; index < total; index = next++) {
      const key = sessionKey({ account: "acme", agent, thread: `t${index % keys}`, epoch: 0 });
      await client.responses.create({ agent, sessionKey: key, input: String(index) });
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const result = figures(total, started, cpu);
  close();
  return result;
}

function figures(total: number, started: number, cpu: NodeJS.CpuUsage) {
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return {
    perSecond: total / seconds,
    cpuSecondsPer1000: (user + system) / 1e6 / (total / 1000),
    rssMb: process.memoryUsage.rss() / 2 ** 20,
  };
}

/** From `notify` being called to the request at the gateway, at fifty notifications a second. */
async function pickUp({ gateway, concurrency, total }: CaseParameters) {
  const notifiedAt = new Map<string, number>();
  const latencies: number[] = [];
  let arrived = (): void => {};
  const { client, close } = await openGateway(gateway, (input, at) => {
    latencies.push(at - notifiedAt.get(input)!);
    arrived();
  });
  const controlPlane = await openControlPlane();
  const runtime = createRuntime({ port: controlPlane.port, client, concurrency });
  runtime.start();
  const everyMs = 1_000 / 50;
  const started = performance.now();
  for (let index = 0; index < total; index++) {
    await new Promise((resolve) =>
      setTimeout(resolve, Math.max(0, started + index * everyMs - performance.now())),
    );
    notifiedAt.set(String(index), now());
    void controlPlane.notify(index);
  }
  await new Promise<void>((resolve) => {
    arrived = () => latencies.length === total && resolve();
    arrived();
  });
  await runtime.stop();
  controlPlane.close();
  close();
  // The first requests open connections and compile code; they are not what is asked.
  const sorted = latencies.slice(Math.floor(total / 10)).toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)]!;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

const cases = { throughput, noQueue, pickUp };
const [name = "", json = "{}"] = process.argv.slice(2);
console.log(JSON.stringify(await cases[name as keyof typeof cases](JSON.parse(json) as CaseParameters)));
