/** `pnpm bench [NAME] [--quick]`: runs one benchmark, or all of them when none is named. */
import { spawnSync } from "node:child_process";

const benchmarks: Record<string, string> = {
  client: "packages/openclaw-client/bench/client.ts",
  loop: "packages/runtime/bench/loop.ts",
  vault: "packages/secrets/bench/vault.ts",
};

const names = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const flags = process.argv.slice(2).filter((argument) => argument.startsWith("--"));
for (const name of names.length > 0 ? names : Object.keys(benchmarks)) {
  const file = benchmarks[name];
  if (file === undefined) {
    console.error(
      `There is no benchmark ${JSON.stringify(name)}. There are: ${Object.keys(benchmarks).join(", ")}.`,
    );
    process.exit(1);
  }
  const node = ["--conditions=@lobstercontrol/source", "--disable-warning=ExperimentalWarning"];
  const { status } = spawnSync(process.execPath, [...node, file, ...flags], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
