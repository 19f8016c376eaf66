import { createHash } from "node:crypto";
import { existsSync, globSync } from "node:fs";
import { copyFile, mkdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { findNpm } from "../../../examples/quickstart/gateway/npm.ts";
import { startGroup } from "../../../examples/quickstart/gateway/process-group.ts";

const manifests = ["package.json", "package-lock.json"];

/** The runtimes are not there and could not be installed. The message says why. */
export class RuntimesInstallError extends Error {
  override readonly name = "RuntimesInstallError";
}

/**
 * Installs the pinned runtimes once, beside the lockfile that pins them and away from this repository's dependencies:
 * they are 760 MB. Their install scripts do not run; npm checks what it downloads by the lockfile's hashes.
 *
 * The install is made in a folder of its own and renamed at the end, so an interrupted one never looks finished.
 *
 * @param cache where installs are kept, one folder each
 * @returns the `node_modules` that has them
 * @throws {RuntimesInstallError} when npm is missing, the registry is out of reach, or npm fails
 */
export async function ensureRuntimes(cache: string): Promise<string> {
  const lock = await readFile(join(import.meta.dirname, "package-lock.json"), "utf8");
  // The binaries differ by machine, and a repository may be shared by several, say through a container.
  const machine = `${process.platform}-${process.arch}`;
  const id = createHash("sha256").update(`${machine}\n${lock}`).digest("hex").slice(0, 12);
  const folder = join(cache, id);
  if (existsSync(folder)) return join(folder, "node_modules");

  const temporary = `${folder}.${process.pid}.tmp`;
  try {
    await mkdir(temporary, { recursive: true });
    for (const name of manifests) await copyFile(join(import.meta.dirname, name), join(temporary, name));
    await npmCi(temporary);
    // Another program may have been quicker: theirs is as good as ours.
    await rename(temporary, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true, maxRetries: 5 });
  }
  return join(folder, "node_modules");
}

async function npmCi(folder: string): Promise<void> {
  const npm = findNpm(process.env, process.platform);
  let output = "";
  const group = await startGroup({
    command: npm.command,
    args: [...npm.args, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
    cwd: folder,
    env: process.env,
    shell: npm.shell,
    onOutput: (text) => (output += text),
  }).catch((error: unknown) => {
    throw new RuntimesInstallError("npm could not be started", { cause: error });
  });
  const ended = await group.ended;
  if (ended !== 0) throw new RuntimesInstallError(`npm ended with ${ended}: ${output.trim().slice(0, 500)}`);
}

/**
 * A program of the install.
 *
 * @param pattern where it lies in `node_modules`, whatever the platform is called there, and without `.exe`
 * @returns its path; null when there is none for this machine
 */
export function installedProgram(nodeModules: string | null, pattern: string): string | null {
  if (nodeModules === null) return null;
  return globSync(join(nodeModules, `${pattern}{,.exe}`))[0] ?? null;
}
