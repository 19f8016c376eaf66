/**
 * `pnpm bench client`: this client beside bare `fetch` and the clients that one would take instead, all of them on one
 * gateway. `--quick`: one short round. `--only=ours`: bare `fetch` and one library. `--profile=calls`: see profile.ts.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, cpus, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildImport, buildWorker, cacheDir, gzippedBytes, importMs, labelOf } from "./build.ts";
import {
  candidates as everybody,
  columns,
  fullPlan,
  measurementsOf,
  quickPlan,
  streams,
  type Candidate,
  type Column,
} from "./plan.ts";
import { startGateway, startWorker, type Worker } from "./processes.ts";
import { profile } from "./profile.ts";
import { figure, median, spread, table } from "./report.ts";
import type { TaskResult } from "./worker.ts";

const { values: flags } = parseArgs({
  options: { quick: { type: "boolean" }, only: { type: "string" }, profile: { type: "string" } },
});
const plan = flags.quick === true ? quickPlan : fullPlan;
const candidates = everybody.filter(
  ({ way: [library] }) => flags.only === undefined || ["fetch", flags.only].includes(library),
);
const libraries = [...new Set(candidates.map(({ way: [library] }) => library))];
const say = (line: string): boolean => process.stderr.write(`${line}\n`);

const gateway = await startGateway();
if (flags.profile === undefined) await bench();
else {
  const library = flags.only ?? "ours";
  const chosen = everybody.find(({ way, deltas }) => way[0] === library && deltas);
  if (chosen === undefined) throw new Error(`There is no library ${JSON.stringify(library)}.`);
  console.log(await profile(flags.profile, chosen.way, gateway.port));
}
gateway.stop();

async function bench(): Promise<void> {
  // Everything is built before anything is measured: the source may change meanwhile.
  mkdirSync(cacheDir, { recursive: true });
  const folder = mkdtempSync(join(cacheDir, "run-"));
  process.once("exit", () => rmSync(folder, { recursive: true }));
  const file = await buildWorker(folder);
  const sizes = new Map<string, number>();
  const files = new Map<string, string>();
  for (const library of libraries) {
    sizes.set(library, await gzippedBytes(library));
    files.set(library, await buildImport(folder, library));
  }
  const results = await takeTurns(file);
  const imports = importTimes(files);
  const memories = await peakMemories(file);
  const [cpu] = cpus();
  console.log(`
Node ${process.version}, ${availableParallelism()} × ${cpu?.model}, ${figure(totalmem() / 2 ** 30, 0)} GiB, ${process.platform}. Rounds: ${plan.rounds}.

Beside bare \`fetch\` on the same wire, which is 1; 2 is twice as good. The median of the rounds' ratios:

${table(
  ["", "wire", ...columns.map(({ head }) => head)],
  candidates.map((candidate) => [
    candidate.label,
    candidate.wire,
    ...columns.map((column) => ratio(results, column, candidate)),
  ]),
)}

The figures themselves, as the median of the rounds, the least and the most:

${table(
  ["", ...columns.map(({ head, unit }) => `${head}: ${unit}`)],
  candidates.map((candidate) => [
    candidate.label,
    ...columns.map((column) => spread(valuesOf(results, column, candidate), column.digits)),
  ]),
)}

What it costs to have the library, and the most memory of a process that uses it:

${table(
  ["", "minified and gzipped: kB", "import: ms"],
  libraries.map((library) => [
    labelOf(library),
    figure(sizes.get(library)! / 1000, 1),
    spread(imports.get(library)!, 0),
  ]),
)}

${table(
  ["", "calls and small deltas: MiB", "and then large events: MiB"],
  [...memories].map(([{ label }, peaks]) => [
    label,
    ...[0, 1].map((at) =>
      spread(
        peaks.map((peak) => peak[at]!),
        0,
      ),
    ),
  ]),
)}`);
}

/** The results of each measurement and candidate, one of each round. */
type Results = Map<string, Map<Candidate, TaskResult[]>>;

/**
 * Within a round everybody takes a turn at each measurement, and another one begins each time: whatever else the machine
 * does meanwhile slows all of them alike.
 */
async function takeTurns(file: string): Promise<Results> {
  say("checking the answers");
  const workers = new Map<Candidate, Worker>();
  await Promise.all(
    candidates.map(async (candidate) => {
      const worker = await startWorker(file, candidate.way, gateway.port, []);
      workers.set(candidate, worker);
      await worker.run({ measure: "check" });
    }),
  );
  const measurements = measurementsOf(plan);
  const results: Results = new Map(measurements.map(({ name }) => [name, new Map()]));
  for (let round = 1 - plan.warmUps; round <= plan.rounds; round++) {
    say(round > 0 ? `round ${round} of ${plan.rounds}` : "warming up");
    for (const { name, task, applies } of measurements) {
      const turn = candidates.filter((candidate) => applies(candidate));
      for (let at = 0; at < turn.length; at++) {
        const candidate = turn[(at + round) % turn.length]!;
        const result = await workers.get(candidate)!.run(task);
        const byCandidate = results.get(name)!;
        if (round > 0) byCandidate.set(candidate, [...(byCandidate.get(candidate) ?? []), result]);
      }
    }
  }
  for (const worker of workers.values()) await worker.stop();
  return results;
}

function valuesOf(results: Results, column: Column, candidate: Candidate): number[] {
  return (results.get(column.measurement)?.get(candidate) ?? []).map((result) => column.of(result));
}

/** Each round beside the same round of bare `fetch` on the same wire. */
function ratio(results: Results, column: Column, candidate: Candidate): string {
  const yardstick = candidates.find(
    ({ way: [library], wire }) => library === "fetch" && wire === candidate.wire,
  )!;
  const bare = valuesOf(results, column, yardstick);
  const ratios = valuesOf(results, column, candidate).map((value, round) =>
    column.better === "more" ? value / bare[round]! : bare[round]! / value,
  );
  return ratios.length === 0 ? "" : figure(median(ratios), 2);
}

function importTimes(files: ReadonlyMap<string, string>): Map<string, number[]> {
  say("importing");
  const times = new Map<string, number[]>(libraries.map((library) => [library, []]));
  // The round before the first reads the files from the disk.
  for (let round = 0; round <= plan.imports; round++)
    for (const [library, path] of files) {
      const ms = importMs(path);
      if (round > 0) times.get(library)!.push(ms);
    }
  return times;
}

async function peakMemories(file: string): Promise<Map<Candidate, number[][]>> {
  const peaks = new Map<Candidate, number[][]>(
    candidates.filter((each) => streams(each)).map((candidate) => [candidate, []]),
  );
  for (let round = 1; round <= plan.memories; round++) {
    say(`memory, round ${round} of ${plan.memories}`);
    for (const [candidate, values] of peaks) {
      const worker = await startWorker(file, candidate.way, gateway.port, []);
      values.push((await worker.run({ measure: "peakMemory" })).values);
      await worker.stop();
    }
  }
  return peaks;
}
