import { resolve } from "node:path";
import type { TestProject } from "vitest/node";
import { documentFile } from "./fake/document.ts";
import { NpmError } from "./npm.ts";
import { ensurePrism } from "./prism/install.ts";

const cache = resolve(import.meta.dirname, "../../.cache/prism");

declare module "vitest" {
  interface ProvidedContext {
    /** The entry of Prism; null when it could not be installed, and what needs it is skipped. */
    prism: string | null;
  }
}

/**
 * Installs Prism, once for all tests and on no test's time. Says what will be skipped.
 *
 * @throws {NpmError} with CI set; elsewhere a machine without a network skips what needs Prism
 */
export default async function setup(project: TestProject): Promise<void> {
  if (documentFile === null)
    console.log(
      "skipped: no document. LOBSTER_DATA names the folder that has digitalocean-openapi.min.json.",
    );
  project.provide("prism", await prism());
}

async function prism(): Promise<string | null> {
  try {
    return await ensurePrism(cache);
  } catch (error) {
    if (!(error instanceof NpmError) || isSet(process.env["CI"])) throw error;
    console.log(`skipped: no registry, so no Prism. ${error.message}`);
    return null;
  }
}

function isSet(variable: string | undefined): boolean {
  return variable !== undefined && variable !== "" && variable !== "false" && variable !== "0";
}
