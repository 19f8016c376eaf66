import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { startGroup } from "../../examples/quickstart/gateway/process-group.ts";
import type { Report } from "./report.ts";

/** Longer than any runtime takes on a busy machine: what takes longer hangs, or left something behind that runs on. */
export const timeLimitMs = 150_000;
const shownOutput = 2_000;

/** How a runtime is started that is a program of its own. */
export interface Program {
  /** Its path. */
  command: string;
  /** What stands before the script. */
  args?: readonly string[];
  /** A file of `inside`, given the bundle's entry and where to write the report. */
  script: string;
  env?: Readonly<Record<string, string>>;
}

/**
 * Starts a program that runs a bundle's tests and writes a report of it, and waits until it has ended by itself.
 *
 * @param entry of the bundle; the report and all else that the program writes are beside it
 * @throws {Error} when it does not end, or not well; with the last of what it printed
 */
export async function runProgram(program: Program, entry: string): Promise<Report> {
  const { command, args = [], script, env = {} } = program;
  const folder = dirname(entry);
  const report = join(folder, "report.json");
  let output = "";
  const group = await startGroup({
    command,
    args: [...args, join(import.meta.dirname, "inside", script), entry, report],
    cwd: folder,
    // The options of the Node that runs this are not for the one that is tested.
    env: { ...process.env, NODE_OPTIONS: "", NO_COLOR: "1", ...env },
    onOutput: (text) => (output += text),
  });
  const timer = setTimeout(() => {
    output += `\nIt did not end within ${timeLimitMs / 1_000} s.`;
    group.kill();
  }, timeLimitMs);
  const ended = await group.ended;
  clearTimeout(timer);
  if (ended !== 0) throw new Error(`${command} ended with ${ended}.\n${output.slice(-shownOutput)}`);
  return JSON.parse(await readFile(report, "utf8")) as Report;
}

/** The version that a program tells. */
export function versionOf(command: string): string {
  const told = execFileSync(command, ["--version"], { encoding: "utf8" });
  return /\d+\.\d+\.\d+/.exec(told)?.[0] ?? told;
}
