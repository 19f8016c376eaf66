import { networkInterfaces } from "node:os";
import type { TestProject } from "vitest/node";
import { ensureOpenClaw, GatewayInstallError } from "../../examples/quickstart/gateway/install.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The entry of OpenClaw; null when it could not be installed, and what needs it is skipped. */
    openclaw: string | null;
    /** An address of this machine that is not loopback; null when it has none, and what needs one is skipped. */
    ownAddress: string | null;
  }
}

/**
 * Installs OpenClaw, once for all tests and on no test's time.
 *
 * @throws {GatewayInstallError} with CI set; elsewhere a machine without a network skips the suite
 */
export default async function setup(project: TestProject): Promise<void> {
  const ownAddress = findOwnAddress();
  if (ownAddress === null) console.log("skipped: no address of this machine but loopback.");
  project.provide("ownAddress", ownAddress);
  try {
    project.provide("openclaw", await ensureOpenClaw({ onProgress: (line) => console.log(line) }));
  } catch (error) {
    if (!(error instanceof GatewayInstallError) || isSet(process.env["CI"])) throw error;
    console.log(`skipped: no openclaw. ${error.message}`);
    project.provide("openclaw", null);
  }
}

function findOwnAddress(): string | null {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.find(({ family, internal }) => family === "IPv4" && !internal)?.address ?? null;
}

function isSet(variable: string | undefined): boolean {
  return variable !== undefined && variable !== "" && variable !== "false" && variable !== "0";
}
