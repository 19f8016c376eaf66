import type { BootstrapPort, RuntimePort, Secret } from "@lobstercontrol/core";
import { createBootstrapClient, createRuntimeClient } from "@lobstercontrol/core/http";
import { ConfigInvalidError } from "../config/errors.ts";
import type { RuntimeConfig } from "../config/read-config.ts";

/** The ways to a control plane. */
export interface ControlPlaneConnection {
  port: RuntimePort;
  /** Null when this control plane has none for the runtime. */
  bootstrap: BootstrapPort | null;
}

/** What is used of `@lobstercontrol/convex/runtime`, an optional peer. */
interface ConvexModule {
  createConvexRuntimePort(options: { url: string; serviceToken: Secret }): RuntimePort;
  createConvexBootstrapPort?(options: { url: string }): BootstrapPort;
}

/**
 * Connects to the control plane that the configuration names; nothing is sent yet.
 *
 * @param own `timeoutMs` is for one try of a call of the HTTP binding, and `fetch` sends it; `importConvex` gives the optional peer
 * @throws {ConfigInvalidError} `ERR_CONFIG_INVALID` when it is on Convex and the package for that is not installed
 */
export async function connectControlPlane(
  { kind, url }: RuntimeConfig["controlPlane"],
  serviceToken: Secret,
  own: { timeoutMs?: number; fetch?: typeof globalThis.fetch; importConvex?: () => Promise<unknown> } = {},
): Promise<ControlPlaneConnection> {
  if (kind === "http") {
    const { timeoutMs, fetch } = own;
    const options = {
      url,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(fetch === undefined ? {} : { fetch }),
    };
    return {
      port: createRuntimeClient({ ...options, serviceToken }),
      bootstrap: createBootstrapClient(options),
    };
  }
  const { createConvexRuntimePort, createConvexBootstrapPort } = await loadConvex(
    own.importConvex ?? importConvex,
  );
  return {
    port: createConvexRuntimePort({ url, serviceToken }),
    bootstrap: createConvexBootstrapPort?.({ url }) ?? null,
  };
}

/** Not a literal: it may not be there, and nothing here depends on it. */
function importConvex(name = "@lobstercontrol/convex/runtime"): Promise<unknown> {
  return import(name);
}

async function loadConvex(load: () => Promise<unknown>): Promise<ConvexModule> {
  const loaded: unknown = await load().catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND") return null;
    throw error;
  });
  if (isConvexModule(loaded)) return loaded;
  throw new ConfigInvalidError({
    problems: [
      {
        name: "CONVEX_URL",
        problem: "needs the package @lobstercontrol/convex: install it beside @lobstercontrol/runtime",
      },
    ],
  });
}

function isConvexModule(value: unknown): value is ConvexModule {
  return typeof value === "object" && value !== null && "createConvexRuntimePort" in value;
}
