import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Push } from "./push-server.ts";

/**
 * Loads everything that was pushed with the globals of Convex's default runtime alone.
 *
 * @returns how many modules there are
 * @throws when one does not load
 */
export async function checkIsolate({ appDefinition, componentDefinitions }: Push): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "lobster-isolate-"));
  try {
    let count = 0;
    for (const modules of [
      appDefinition.changedModules,
      ...componentDefinitions.map(({ functions }) => functions),
    ]) {
      const file = join(folder, "bundles.json");
      await writeFile(file, JSON.stringify(modules));
      const flags = ["--experimental-vm-modules", "--no-warnings"];
      const { stdout } = await promisify(execFile)(process.execPath, [
        ...flags,
        join(import.meta.dirname, "isolate.ts"),
        file,
      ]);
      count += Number(stdout);
    }
    return count;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
