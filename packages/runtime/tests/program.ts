import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

const main = join(import.meta.dirname, "../src/cli/main.ts");

/** Processes take their time on a machine that is busy. */
export const patient = { timeout: 20_000 };

/** A folder that is gone when the test is over. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "lobster-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** `lobster-runtime` as a process of its own. */
export interface Program {
  /** All that it has written by now, on both outputs. */
  output(): string;
  /** What it has logged by now. */
  lines(): Record<string, unknown>[];
  /** Waits for a line of the log with this message. */
  logged(message: string): Promise<Record<string, unknown>>;
  /** Where its health server listens. */
  healthUrl(): Promise<string>;
  kill(signal: "SIGTERM" | "SIGINT" | "SIGKILL"): void;
  /** Its exit code, once it has ended and its outputs are read. */
  exited: Promise<number | null>;
}

/** Starts the program with an environment of its own, and ends it when the test is over. */
export function startProgram(args: string[], env: Record<string, string>): Program {
  const program = spawnProgram(args, env);
  onTestFinished(() => program.kill("SIGKILL"));
  return program;
}

/** The same; whoever calls it ends it. */
export function spawnProgram(args: string[], env: Record<string, string>): Program {
  const { PATH = "" } = process.env;
  const child = spawn(process.execPath, ["--conditions=@lobstercontrol/source", main, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH, ...env },
  });
  let out = "";
  let err = "";
  const listeners = new Set<() => void>();
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
    for (const listener of listeners) listener();
  });
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  let isOver = false;
  const exited = once(child, "close").then(([code]) => {
    isOver = true;
    for (const listener of listeners) listener();
    return code as number | null;
  });

  const lines = (): Record<string, unknown>[] =>
    out
      .split("\n")
      .filter((line) => line.startsWith("{") && line.endsWith("}"))
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  async function logged(message: string): Promise<Record<string, unknown>> {
    return await new Promise((resolve, reject) => {
      const look = (): void => {
        const line = lines().find(({ msg }) => msg === message);
        if (line !== undefined) resolve(line);
        else if (isOver) reject(new Error(`It ended before it logged "${message}":\n${out}${err}`));
        else return;
        listeners.delete(look);
      };
      listeners.add(look);
      look();
    });
  }

  return {
    output: () => out + err,
    lines,
    logged,
    healthUrl: async () => String((await logged("the runtime has started"))["health"]),
    kill: (signal) => void child.kill(signal),
    exited,
  };
}
