import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { npm } from "../npm.ts";

const manifests = ["package.json", "package-lock.json"];

/**
 * Installs Prism once, beside the lockfile that pins it and away from this repository's dependencies: it is 100 MB. Install
 * scripts do not run; npm checks what it downloads by the lockfile's hashes.
 *
 * The install is made in a folder of its own and renamed at the end, so an interrupted one never looks finished.
 *
 * @param cache where installs are kept, one folder each
 * @returns Prism's entry, for Node
 * @throws {NpmError} when npm is missing, the registry is out of reach, or npm fails
 */
export async function ensurePrism(cache: string): Promise<string> {
  const lock = await readFile(join(import.meta.dirname, "package-lock.json"), "utf8");
  const folder = join(cache, createHash("sha256").update(lock).digest("hex").slice(0, 12));
  if (!existsSync(folder)) await install(folder);
  return join(folder, "node_modules/@stoplight/prism-cli/dist/index.js");
}

async function install(folder: string): Promise<void> {
  const temporary = `${folder}.${process.pid}.tmp`;
  try {
    await mkdir(temporary, { recursive: true });
    for (const name of manifests) await copyFile(join(import.meta.dirname, name), join(temporary, name));
    await npm(temporary, ["ci", "--ignore-scripts"]);
    // Another program may have been quicker: theirs is as good as ours.
    await rename(temporary, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true, maxRetries: 5 });
  }
}
