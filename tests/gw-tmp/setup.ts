import type { TestProject } from "vitest/node";
import { ensureOpenClaw, GatewayInstallError } from "../../examples/quickstart/gw-tmp/install.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The entry of OpenClaw; null when it could not be installed, and what needs it is skipped. */
    openclaw: string | null;
  }
}

/**
 * Installs OpenClaw, once for all tests and on no test's time.
 *
 * @throws {GatewayInstallError} with CI set; elsewhere a machine without a network skips the suite
 */
export default async function setup(project: TestProject): Promise<void> {
  try {
    project.provide("openclaw", await ensureOpenClaw({ onProgress: (line) => console.log(line) }));
  } catch (error) {
    if (!(error instanceof GatewayInstallError) || isSet(process.env["CI"])) throw error;
    console.log(`skipped: no openclaw. ${error.message}`);
    project.provide("openclaw", null);
  }
}

function isSet(variable: string | undefined): boolean {
  return variable !== undefined && variable !== "" && variable !== "false" && variable !== "0";
}
