import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestReport } from "./report.ts";

/** What one runtime ran, in short. */
export interface Summary {
  runtime: string;
  version: string;
  seconds: number;
  passed: number;
  failed: number;
  /** How many tests were left out, by what they ask for. */
  leftOut: Readonly<Record<string, number>>;
}

const fileName = "summary.json";

/** Leaves a runtime's summary in its folder. */
export function writeSummary(
  folder: string,
  about: Pick<Summary, "runtime" | "version" | "seconds">,
  tests: readonly TestReport[],
): void {
  const leftOut: Record<string, number> = {};
  for (const { state, detail } of tests)
    if (state === "leftOut") leftOut[detail] = (leftOut[detail] ?? 0) + 1;
  const count = (wanted: TestReport["state"]) => tests.filter(({ state }) => state === wanted).length;
  const summary: Summary = { ...about, passed: count("passed"), failed: count("failed"), leftOut };
  writeFileSync(join(folder, fileName), JSON.stringify(summary));
}

/** The summaries in the folders of a folder, a line each. */
export function table(folder: string): string {
  const rows = globSync(join(folder, "*", fileName))
    .map((file) => row(JSON.parse(readFileSync(file, "utf8")) as Summary))
    .toSorted();
  return [
    line("runtime", "version", "passed", "failed", "seconds", "left out: what they ask for"),
    ...rows,
  ].join("\n");
}

function row({ runtime, version, seconds, passed, failed, leftOut }: Summary): string {
  const total = Object.values(leftOut).reduce((sum, tests) => sum + tests, 0);
  const reasons = Object.entries(leftOut).map(([what, tests]) => `${what} ${tests}`);
  const left = [String(total), ...(reasons.length === 0 ? [] : [reasons.join(", ")])].join(": ");
  return line(runtime, version, String(passed), String(failed), seconds.toFixed(1), left);
}

function line(
  runtime: string,
  version: string,
  passed: string,
  failed: string,
  seconds: string,
  leftOut: string,
): string {
  const numbers = [passed, failed, seconds].map((number) => number.padStart(7));
  return [runtime.padEnd(12), version.padEnd(14), ...numbers, ` ${leftOut}`].join(" ");
}
