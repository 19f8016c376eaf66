import { rmSync } from "node:fs";
import { resolve } from "node:path";
import type { TestProject } from "vitest/node";
import { ensureRuntimes, RuntimesInstallError } from "./install/install.ts";
import { table } from "./summary.ts";

const cache = resolve(import.meta.dirname, "../../.cache/runtimes");

declare module "vitest" {
  interface ProvidedContext {
    runtimes: {
      /** The `node_modules` of the installed runtimes; null when they could not be installed. */
      nodeModules: string | null;
      /** Where each runtime has a folder for its bundle and its summary. */
      folder: string;
    };
  }
}

/**
 * Installs the runtimes, once for all tests and on no test's time. In the end it prints what each of them ran.
 *
 * @throws {RuntimesInstallError} with CI set; elsewhere a machine without a network skips what was to be installed
 */
export default async function setup(project: TestProject): Promise<() => void> {
  const folder = `${cache}/run`;
  // A summary of the run before must not be taken for this one's.
  rmSync(folder, { recursive: true, force: true });
  project.provide("runtimes", { nodeModules: await nodeModules(), folder });
  return () => console.log(table(folder));
}

async function nodeModules(): Promise<string | null> {
  try {
    return await ensureRuntimes(`${cache}/installed`);
  } catch (error) {
    if (!(error instanceof RuntimesInstallError) || isSet(process.env["CI"])) throw error;
    console.log(`skipped: no runtimes. ${error.message}`);
    return null;
  }
}

function isSet(variable: string | undefined): boolean {
  return variable !== undefined && variable !== "" && variable !== "false" && variable !== "0";
}
