import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { resolve } from "node:path";
import { promisify } from "node:util";

const root = resolve(import.meta.dirname, "../../..");
const run = promisify(execFile);

/** Builds and packs packages as they are published. */
export async function pack(names: readonly string[], folder: string): Promise<string[]> {
  for (const name of names) {
    const cwd = resolve(root, "packages", name);
    await pnpm(cwd, ["run", "build"]);
    await pnpm(cwd, ["pack", "--pack-destination", folder]);
  }
  return globSync(`${folder}/*.tgz`);
}

async function pnpm(cwd: string, args: string[]): Promise<void> {
  // The options of the Node that runs this would have the build read sources where it must read what was built.
  const env = { ...process.env, NODE_OPTIONS: "" };
  await run(process.execPath, [resolve(root, "node_modules/pnpm/bin/pnpm.mjs"), ...args], { cwd, env });
}
