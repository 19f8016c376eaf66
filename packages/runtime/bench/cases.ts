/** One measurement in a process of its own, so that its memory is its own: `cases.ts NAME JSON`, the result on stdout. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createRuntimeClient } from "@lobstercontrol/core/http";
import { createOpenClawClient } from "@lobstercontrol/openclaw-client";
import { sessionKey } from "@lobstercontrol/core";
import { createRuntime, type RuntimeOptions } from "@lobstercontrol/runtime";
import { createSqliteControlPlane } from "@lobstercontrol/sqlite";
import type { HeldParameters } from "./held.ts";
import type { Peer } from "./peers/peer.ts";

/** What a case is told. */
export interface CaseParameters {
  /** Where the gateway is: in this process, or behind a socket in another. */
  gateway: "in process" | "wire";
  /** Runs at the same time. */
  concurrency: number;
  /** Notifications, on 200 session keys. */
  total: number;
  /** Where the control plane is: in this process by default, or behind its HTTP binding in another. */
  controlPlane?: "in process" | "http";
  /** Who delivers what a process that was killed had begun, and how long its lease is, in milliseconds. */
  redelivery?: { by: "the same worker" | "another worker"; leaseMs: number };
  /** Which other queue is measured, and where its server is. */
  peer?: { name: "graphile-worker" | "graphile-worker, ordered" | "BullMQ"; url: string };
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

interface OpenControlPlane {
  port: RuntimeOptions["port"];
  /** For another process on the same file; null over HTTP. */
  sameFile: { path: string; serviceToken: string } | null;
  notify(index: number): Promise<unknown>;
  close(): Promise<void> | void;
}

async function openControlPlane(where: CaseParameters["controlPlane"]): Promise<OpenControlPlane> {
  // Beside the repository and not in the temporary folder, which may be in memory and make every commit free.
  const cache = join(import.meta.dirname, "../../../.cache/bench");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "loop-"));
  const path = join(folder, "lobster.db");
  const forget = (): void => rmSync(folder, { recursive: true });
  if (where === "http") return await openOverHttp(path, forget);
  const controlPlane = createSqliteControlPlane({ path });
  await controlPlane.platform.upsertAccount({ account: "acme" });
  await controlPlane.platform.upsertAgent({ account: "acme", agent: "writer" });
  const { token } = await controlPlane.admin({ id: "bench" }, "acme").issueServiceToken();
  return {
    port: controlPlane.runtime(token),
    sameFile: { path, serviceToken: token.reveal() },
    notify: (index) =>
      controlPlane.platform.notify({
        account: "acme",
        agent: "writer",
        thread: threadOf(index),
        input: String(index),
        idempotencyKey: String(index),
      }),
    close() {
      controlPlane.close();
      forget();
    },
  };
}

async function openOverHttp(path: string, forget: () => void): Promise<OpenControlPlane> {
  const child = fork(join(import.meta.dirname, "control-plane.ts"), [path], { execArgv: process.execArgv });
  const [{ port, token }] = (await once(child, "message")) as [{ port: number; token: string }];
  const stored = new Map<number, () => void>();
  child.on("message", ({ stored: index }: { stored: number }) => stored.get(index)?.());
  return {
    port: createRuntimeClient({ url: `http://127.0.0.1:${port}`, serviceToken: token }),
    sameFile: null,
    notify: (index) =>
      new Promise<void>((resolve) => {
        stored.set(index, resolve);
        child.send({ index, thread: threadOf(index) });
      }),
    async close() {
      const ended = once(child, "exit");
      child.disconnect();
      await ended;
      forget();
    },
  };
}

const threadOf = (index: number): string => `t${index % keys}`;

/** Deliveries a second of everything that was waiting at the start. */
async function throughput({ gateway, concurrency, total, controlPlane: where }: CaseParameters) {
  const { client, close } = await openGateway(gateway);
  const controlPlane = await openControlPlane(where);
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
  await controlPlane.close();
  close();
  return result;
}

/** The same by another queue, with the same client. */
async function peerThroughput({ gateway, concurrency, total, peer: which }: CaseParameters) {
  const { client, close } = await openGateway(gateway);
  const peer = await openPeer(which);
  for (let index = 0; index < total; index += 500)
    await Promise.all(
      Array.from({ length: Math.min(500, total - index) }, (_, at) =>
        peer.add(index + at, threadOf(index + at)),
      ),
    );
  let delivered = 0;
  const started = performance.now();
  const cpu = process.cpuUsage();
  await new Promise<void>((resolve, reject) => {
    peer
      .start(concurrency, async (index, key) => {
        await client.responses.create(requestOf(index, key));
        if (++delivered === total) resolve();
      })
      .catch(reject);
  });
  const result = figures(total, started, cpu);
  await peer.stop();
  close();
  return result;
}

async function openPeer(peer: CaseParameters["peer"]): Promise<Peer> {
  if (peer === undefined) throw new Error("Say which peer.");
  if (peer.name === "BullMQ") return await (await import("./peers/bullmq.ts")).createBullMq(peer.url);
  const { createGraphileWorker } = await import("./peers/graphile-worker.ts");
  return await createGraphileWorker(peer.url, peer.name === "graphile-worker, ordered");
}

function requestOf(index: number, thread: string) {
  const agent = "writer";
  return {
    agent,
    sessionKey: sessionKey({ account: "acme", agent, thread, epoch: 0 }),
    input: String(index),
  };
}

/** The same requests without a queue, a database or a retry: the most that the client can do. */
async function noQueue({ gateway, concurrency, total }: CaseParameters) {
  const { client, close } = await openGateway(gateway);
  let next = 0;
  const started = performance.now();
  const cpu = process.cpuUsage();
  const worker = async (): Promise<void> => {
    for (let index = next++; index < total; index = next++) {
      await client.responses.create(requestOf(index, threadOf(index)));
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
async function pickUp({ gateway, concurrency, total, controlPlane: where, peer }: CaseParameters) {
  const notifiedAt = new Map<string, number>();
  const latencies: number[] = [];
  let arrived = (): void => {};
  const { client, close } = await openGateway(gateway, (input, at) => {
    latencies.push(at - notifiedAt.get(input)!);
    arrived();
  });
  const { add, stop } =
    peer === undefined
      ? await startLoop(where, client, concurrency)
      : await startPeer(peer, client, concurrency);
  const everyMs = 1_000 / 50;
  const started = performance.now();
  for (let index = 0; index < total; index++) {
    await new Promise((resolve) =>
      setTimeout(resolve, Math.max(0, started + index * everyMs - performance.now())),
    );
    notifiedAt.set(String(index), now());
    void add(index);
  }
  await new Promise<void>((resolve) => {
    arrived = () => latencies.length === total && resolve();
    arrived();
  });
  await stop();
  close();
  // The first requests open connections and compile code; they are not what is asked.
  const sorted = latencies.slice(Math.floor(total / 10)).toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)]!;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

type Client = RuntimeOptions["client"];

async function startLoop(where: CaseParameters["controlPlane"], client: Client, concurrency: number) {
  const controlPlane = await openControlPlane(where);
  const runtime = createRuntime({ port: controlPlane.port, client, concurrency });
  runtime.start();
  return {
    add: (index: number) => controlPlane.notify(index),
    async stop() {
      await runtime.stop();
      await controlPlane.close();
    },
  };
}

async function startPeer(which: CaseParameters["peer"], client: Client, concurrency: number) {
  const peer = await openPeer(which);
  await peer.start(concurrency, async (index, key) => {
    await client.responses.create(requestOf(index, key));
  });
  return { add: (index: number) => peer.add(index, threadOf(index)), stop: () => peer.stop() };
}

/** From the start of a runtime to the request at the gateway, for what a process had begun that `kill -9` ended. */
async function redelivery({ redelivery: wanted }: CaseParameters) {
  if (wanted === undefined) throw new Error("Say by whom.");
  const { by, leaseMs } = wanted;
  const requests: (() => void)[] = [];
  const requested = (): Promise<void> => new Promise((resolve) => requests.push(resolve));
  // It answers none of them: what is measured is when they come.
  const gateway = createServer(() => requests.shift()?.());
  await new Promise<void>((resolve) => gateway.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
  const controlPlane = await openControlPlane("in process");
  const first = requested();
  await controlPlane.notify(0);
  const held: HeldParameters = { ...controlPlane.sameFile!, gateway: url, leaseMs };
  const child = fork(join(import.meta.dirname, "held.ts"), [JSON.stringify(held)], {
    execArgv: process.execArgv,
  });
  await first;
  child.kill("SIGKILL");
  await once(child, "exit");

  const again = requested();
  const started = performance.now();
  const runtime = createRuntime({
    port: controlPlane.port,
    client: createOpenClawClient({ baseUrl: url, token: "bench-token" }),
    workerId: by === "the same worker" ? "w1" : "w2",
    leaseMs,
  });
  runtime.start();
  await again;
  const ms = performance.now() - started;
  gateway.closeAllConnections();
  gateway.close();
  await runtime.stop({ graceMs: 0 });
  await controlPlane.close();
  return { ms };
}

const cases = { throughput, peerThroughput, noQueue, pickUp, redelivery };
const [name = "", json = "{}"] = process.argv.slice(2);
console.log(JSON.stringify(await cases[name as keyof typeof cases](JSON.parse(json) as CaseParameters)));
