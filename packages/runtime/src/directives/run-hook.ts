import { spawn } from "node:child_process";
import { DirectiveFailed } from "./directive-failed.ts";

/**
 * Runs the supervisor's program: without a shell and without arguments, the wanted version as the one line of its standard
 * input, and nothing of this program's environment but where programs are. What it prints is not looked at.
 *
 * @param program its path
 * @param target the wanted version
 * @param timeoutMs how long it may take
 * @throws {DirectiveFailed} when it cannot be started, fails, or takes too long
 */
export function runHook(program: string, target: string, timeoutMs: number): Promise<void> {
  const { PATH = "", HOME = "" } = process.env;
  return new Promise((resolve, reject) => {
    const fail = (problem: string): void => reject(new DirectiveFailed(problem));
    const child = spawn(program, [], {
      stdio: ["pipe", "ignore", "ignore"],
      env: { PATH, HOME },
      timeout: timeoutMs,
      killSignal: "SIGKILL",
    });
    child.once("error", (error) =>
      fail(`the hook could not be started (${"code" in error ? String(error.code) : "unknown"})`),
    );
    child.once("exit", (code, signal) => {
      if (code === 0) resolve();
      else
        fail(code === null ? `the hook was ended by ${signal ?? "a signal"}` : `the hook ended with ${code}`);
    });
    // One that ends without reading is told by its exit code, not by a broken pipe.
    child.stdin.on("error", () => {});
    child.stdin.end(`${target}\n`);
  });
}
