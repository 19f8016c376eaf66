/**
 * `pnpm test:sim [--seeds N] [--from N]`: plays the seeds, 2,000 from 1 on by default, and sees whether planted bugs are
 * found. `SEED=n pnpm test:sim` plays one and tells its story.
 */
import { spawn } from "node:child_process";
import { parseArgs } from "node:util";

// pnpm hands on the -- before arguments, too.
const args = process.argv.slice(2).filter((argument) => argument !== "--");
const { values } = parseArgs({
  args,
  options: { seeds: { type: "string", default: "2000" }, from: { type: "string", default: "1" } },
});
const child = spawn(process.execPath, ["tools/run-suite.ts", "sim"], {
  stdio: "inherit",
  env: { ...process.env, SIM_SEEDS: values.seeds, SIM_FROM: values.from },
});
process.on("SIGINT", () => {});
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.on("close", (code) => (process.exitCode = code ?? 1));
