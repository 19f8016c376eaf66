/** One way in a process of its own: `worker.ts LIBRARY WAY PORT`, then a measurement for each message of the parent. */
import { libraries, type Way } from "./candidate.ts";
import { calls, check, firstDelta, peakMemory, streamMs, type Ask } from "./measure.ts";
import { replies, type ReplyName } from "./replies.ts";

export type Task =
  | { measure: "check" }
  | { measure: "calls"; concurrency: number; ms: number }
  | { measure: "firstDelta"; times: number }
  | { measure: "streamMs"; reply: ReplyName }
  | { measure: "peakMemory" };

export interface TaskResult {
  /** What the measurement gave. */
  values: number[];
  /** CPU time that this process took meanwhile, all its threads together. */
  cpuMs: number;
}

const [name = "", wayName = "", port = ""] = process.argv.slice(2);
const { library } = await libraries[name]!();
const ways = new Map<ReplyName, Way>();
for (const reply of Object.keys(replies) as ReplyName[])
  ways.set(reply, library(`http://127.0.0.1:${port}/${reply}`)[wayName]!);
const ask: Ask = (reply) => ways.get(reply)!;

async function measure(task: Task): Promise<number[]> {
  switch (task.measure) {
    case "check":
      await check(ask, ask("short").wire === "whole" ? ["short"] : (Object.keys(replies) as ReplyName[]));
      return [];
    case "calls":
      return calls(ask, task);
    case "firstDelta":
      return firstDelta(ask, task);
    case "streamMs":
      return [await streamMs(ask, task)];
    case "peakMemory":
      return peakMemory(ask);
  }
}

async function run(task: Task): Promise<TaskResult> {
  // Nobody pays for the garbage of an earlier measurement.
  globalThis.gc?.();
  const cpu = process.cpuUsage();
  const values = await measure(task);
  const { user, system } = process.cpuUsage(cpu);
  return { values, cpuMs: (user + system) / 1000 };
}

process.on("message", (task: Task) => {
  void run(task).then(
    (result) => process.send?.(result),
    (error: unknown) => process.send?.({ error: `${name}, ${wayName}: ${String(error)}` }),
  );
});
process.on("disconnect", () => process.exit());
process.send?.({ values: [], cpuMs: 0 } satisfies TaskResult);
