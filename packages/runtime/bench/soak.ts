/**
 * `pnpm soak [--minutes N]`: the runtime under a steady load for a long time, 20 minutes by default: fifty notifications a
 * second, a control plane in another process behind its HTTP binding, and an instant gateway in a third. What is looked at is
 * this process, which runs nothing but the runtime: memory, open sockets and timers, and how long the event loop is held up.
 */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { sleep, systemClock } from "@lobstercontrol/core";
import { createRuntimeClient } from "@lobstercontrol/core/http";
import { createOpenClawClient } from "@lobstercontrol/openclaw-client";
import { createRuntimeService } from "@lobstercontrol/runtime";

const { values } = parseArgs({ options: { minutes: { type: "string", default: "20" } } });
const minutes = Number(values.minutes);
const perSecond = 50;
const keys = 50;
const sampleMs = 5_000;

const cache = join(import.meta.dirname, "../../../.cache/bench");
mkdirSync(cache, { recursive: true });
const folder = mkdtempSync(join(cache, "soak-"));
const start = async <Told>(file: string, ...args: string[]): Promise<{ child: ChildProcess; told: Told }> => {
  const child = fork(join(import.meta.dirname, file), args, { execArgv: process.execArgv });
  const [told] = (await once(child, "message")) as [Told];
  return { child, told };
};
const gateway = await start<{ port: number }>("gateway.ts");
const controlPlane = await start<{ port: number; token: string }>(
  "control-plane.ts",
  join(folder, "lobster.db"),
);

let delivered = 0;
let failed = 0;
let sent = 0;
let isSending = true;
const caughtUp = new AbortController();
const checkCaughtUp = (): void => {
  if (!isSending && delivered === sent) caughtUp.abort();
};
const service = createRuntimeService({
  port: createRuntimeClient({
    url: `http://127.0.0.1:${controlPlane.told.port}`,
    serviceToken: controlPlane.told.token,
  }),
  client: createOpenClawClient({
    baseUrl: `http://127.0.0.1:${gateway.told.port}`,
    token: "soak-token",
  }),
  concurrency: 10,
  health: { port: 0 },
  onEvent({ type }) {
    if (type === "delivered") delivered += 1;
    checkCaughtUp();
    if (type === "failed" || type === "dropped") failed += 1;
  },
});
await service.start();

interface Sample {
  rssMb: number;
  resources: number;
}
const samples: Sample[] = [];
const delay = monitorEventLoopDelay({ resolution: 5 });
const startedAt = performance.now();
const endsAt = startedAt + minutes * 60_000;
const sending = setInterval(() => {
  const due = Math.floor(((Math.min(performance.now(), endsAt) - startedAt) / 1_000) * perSecond);
  for (; sent < due; sent++) controlPlane.child.send({ index: sent, thread: `t${sent % keys}` });
}, 100);
const sampling = setInterval(() => {
  samples.push({
    rssMb: process.memoryUsage.rss() / 2 ** 20,
    resources: process.getActiveResourcesInfo().length,
  });
}, sampleMs);
// What is loaded and compiled at the start is not what is asked.
setTimeout(() => delay.enable(), Math.min(30_000, minutes * 10_000));
await new Promise((resolve) => setTimeout(resolve, endsAt - performance.now()));
clearInterval(sending);
isSending = false;
const patience = sleep(systemClock, 60_000, caughtUp.signal);
checkCaughtUp();
await patience;
clearInterval(sampling);
delay.disable();

const quarter = (index: number): Sample[] =>
  samples.slice(Math.floor((samples.length * index) / 4), Math.floor((samples.length * (index + 1)) / 4));
const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
const rss = [0, 1, 2, 3].map((index) => median(quarter(index).map(({ rssMb }) => rssMb)));
const resources = [0, 1, 2, 3].map((index) => median(quarter(index).map((sample) => sample.resources)));
const p99Ms = delay.percentile(99) / 1e6;

const checks: [string, boolean][] = [
  [`all of ${sent} delivered`, delivered === sent],
  ["RSS of the last quarter within 10% of the second", Math.abs(rss[3]! / rss[1]! - 1) <= 0.1],
  [
    "no more sockets and timers in the last quarter than in the second, but for ten",
    resources[3]! <= resources[1]! + 10,
  ],
  ["event loop delay p99 under 50 ms", p99Ms < 50],
];
const shown = (numbers: readonly number[]): string => numbers.map((each) => each.toFixed(0)).join(", ");
console.log(
  `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}; ${minutes} minutes, ${perSecond} a second.`,
);
console.log(`delivered ${delivered}, failed attempts ${failed}`);
console.log(`RSS in MB, median of each quarter: ${shown(rss)}`);
console.log(`sockets and timers, median of each quarter: ${shown(resources)}`);
console.log(
  `event loop delay in ms: p50 ${(delay.percentile(50) / 1e6).toFixed(1)}, p99 ${p99Ms.toFixed(1)}, most ${(delay.max / 1e6).toFixed(1)}`,
);
for (const [what, holds] of checks) console.log(`${holds ? "ok" : "FAILED"}: ${what}`);

await service.stop();
for (const { child } of [controlPlane, gateway]) {
  const ended = once(child, "exit");
  child.disconnect();
  await ended;
}
rmSync(folder, { recursive: true });
const broken = checks.filter(([, holds]) => !holds).length;
console.log(`${checks.length - broken} passed, ${broken} failed`);
process.exitCode = broken > 0 ? 1 : 0;
