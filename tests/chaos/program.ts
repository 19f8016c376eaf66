import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { settingsVariable, type Settings } from "./settings.ts";

/** The programs that there are. */
export type ProgramName = "gateway" | "platform" | "control-plane" | "runtime" | "lobster-runtime";

/** A process that a test started. */
export interface Program {
  name: ProgramName;
  /** How it ended. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  isRunning(): boolean;
  send(signal: NodeJS.Signals): void;
  /** What it had to complain about. */
  complaints(): string;
}

/** Starts processes, all of which are gone when the test is over, whatever its end. */
export function createPrograms() {
  const running = new Set<Program>();
  onTestFinished(async () => {
    // SIGKILL also ends one that is stopped.
    for (const program of running) program.send("SIGKILL");
    await Promise.all(Array.from(running, ({ ended }) => ended));
  });

  return function start(name: ProgramName, settings: Settings): Program {
    const script = join(import.meta.dirname, "programs", `${name}.ts`);
    const child = spawn(
      process.execPath,
      ["--conditions=@lobstercontrol/source", "--disable-warning=ExperimentalWarning", script],
      {
        // The end of its standard input ends it, should the test be killed itself.
        stdio: ["pipe", "pipe", "pipe"],
        env: { PATH: process.env["PATH"], [settingsVariable]: JSON.stringify(settings) },
      },
    );
    let complaints = "";
    child.stderr
      .setEncoding("utf8")
      .on("data", (text: string) => (complaints = (complaints + text).slice(-4_000)));
    child.stdin.on("error", () => {});
    child.stdout.resume();
    const ended = once(child, "close").then(([code, signal]) => {
      running.delete(program);
      return { code: code as number | null, signal: signal as NodeJS.Signals | null };
    });
    const program: Program = {
      name,
      ended,
      isRunning: () => running.has(program),
      send: (signal) => void child.kill(signal),
      complaints: () => complaints,
    };
    running.add(program);
    return program;
  };
}
