/** Where the CPU time of one way goes, by function: `pnpm bench client --profile=TASK`. */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cacheDir } from "./build.ts";
import { startWorker } from "./processes.ts";
import { figure, table } from "./report.ts";
import type { Task } from "./worker.ts";

interface Profile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  samples: number[];
  timeDeltas: number[];
}

/** What can be profiled. */
const profiles: Record<string, Task> = {
  calls: { measure: "calls", concurrency: 8, ms: 1_000 },
  deltas: { measure: "streamMs", reply: "deltas" },
  packed: { measure: "streamMs", reply: "packed" },
  large: { measure: "streamMs", reply: "large" },
};

/** Runs the task again and again for six seconds, from the source, so that lines are the source's. */
export async function profile(name: string, way: readonly [string, string], port: number): Promise<string> {
  const task = profiles[name];
  if (task === undefined)
    throw new Error(
      `There is no profile ${JSON.stringify(name)}. There are: ${Object.keys(profiles).join(", ")}.`,
    );
  mkdirSync(cacheDir, { recursive: true });
  const file = `${name}-${way.join("-")}.cpuprofile`;
  const worker = await startWorker(join(import.meta.dirname, "worker.ts"), way, port, [
    ...process.execArgv,
    "--cpu-prof",
    `--cpu-prof-dir=${cacheDir}`,
    `--cpu-prof-name=${file}`,
  ]);
  const until = performance.now() + 6_000;
  while (performance.now() < until) await worker.run(task);
  await worker.stop();
  const rows = selfTimes(JSON.parse(readFileSync(join(cacheDir, file), "utf8")) as Profile).slice(0, 30);
  return `${file}\n\n${table(["function", "% of CPU time"], rows)}`;
}

function selfTimes({ nodes, samples, timeDeltas }: Profile): [string, string][] {
  const names = new Map(
    nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => {
      const [, place = url] = /([^/]+\/[^/]+)$/.exec(url) ?? [];
      return [id, `${functionName || "(anonymous)"} ${place}${place === "" ? "" : `:${lineNumber + 1}`}`];
    }),
  );
  const times = new Map<string, number>();
  for (const [at, id] of samples.entries()) {
    const name = names.get(id) ?? "";
    if (!name.startsWith("(idle)")) times.set(name, (times.get(name) ?? 0) + (timeDeltas[at] ?? 0));
  }
  const total = [...times.values()].reduce((sum, time) => sum + time, 0);
  return [...times]
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, time]) => [name, figure((time / total) * 100, 1)]);
}
