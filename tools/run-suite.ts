/**
 * `node tools/run-suite.ts NAME [vitest options]`: runs `tests/NAME`, a suite that needs more than Node, and ends with the
 * closing line. With CI set, a skipped test fails the suite, and so does finding no tests: what a machine cannot run,
 * it has not checked.
 */
import { spawn } from "node:child_process";
import { existsSync, globSync, rmSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { closingLine, readCounts } from "./counts.ts";

const [name = "", ...options] = process.argv.slice(2);
const config = `tests/${name}/vitest.config.ts`;

if (name !== "" && existsSync(config)) {
  await runSuite();
} else {
  const names = globSync("tests/*/vitest.config.ts").map((file) => basename(dirname(file)));
  console.error(`There is no suite ${JSON.stringify(name)}. There are: ${names.join(", ")}.`);
  process.exitCode = 1;
}

async function runSuite(): Promise<void> {
  const report = resolve(`.cache/${name}.json`);
  // A report of the run before must not be taken for this one's.
  rmSync(report, { force: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const exitCode = await vitest(["run", "-c", config, ...reporters, ...options]);

  const counts = readCounts(report);
  // Vitest also fails on what belongs to no test, such as an error thrown after the last one.
  if (exitCode !== 0 && counts.failed === 0) counts.failed = 1;
  const unchecked = counts.skipped > 0 || counts.passed === 0;
  console.log(closingLine(counts));
  process.exitCode = counts.failed > 0 || (unchecked && isSet(process.env["CI"])) ? 1 : 0;
}

function vitest(args: string[]): Promise<number> {
  // The option reaches workers and the processes that tests start: packages are their sources for all of them.
  const nodeOptions = `${process.env["NODE_OPTIONS"] ?? ""} --conditions=@lobstercontrol/source`.trim();
  const child = spawn(process.execPath, ["node_modules/vitest/vitest.mjs", ...args], {
    stdio: "inherit",
    env: { ...process.env, NODE_OPTIONS: nodeOptions },
  });
  // Ctrl-C reaches the child by itself; waiting for its end keeps the closing line the last.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  return new Promise((settle, reject) => {
    child.on("error", reject);
    child.on("close", (code) => settle(code ?? 1));
  });
}

function isSet(variable: string | undefined): boolean {
  return variable !== undefined && variable !== "" && variable !== "false" && variable !== "0";
}
