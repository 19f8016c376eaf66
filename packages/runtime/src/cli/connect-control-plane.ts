import type { BootstrapPort, Logger, RuntimePort, Secret } from "@lobstercontrol/core";
import { createBootstrapClient, createRuntimeClient } from "@lobstercontrol/core/http";
import { ConfigInvalidError } from "../config/errors.ts";
import type { RuntimeConfig } from "../config/read-config.ts";

/** The ways to a control plane. */
export interface ControlPlaneConnection {
  port: RuntimePort;
  /** Null when this control plane has none for the runtime. */
  bootstrap: BootstrapPort | null;
}

/** How it is connected to. */
export interface ConnectOptions {
  /** How long one try of a call may take, in milliseconds. */
  timeoutMs?: number;
  /** Sends every call. */
  fetch?: typeof globalThis.fetch;
  /** Where warnings go. */
  logger?: Logger;
  /** Gives the optional peer. */
  importConvex?: () => Promise<unknown>;
}

/** How each port is made, whatever kind of control plane it is of. */
interface PortOptions {
  url: string;
  timeoutMs?: number;
  fetch?: typeof globalThis.fetch;
}

/** What is used of `@lobstercontrol/convex/runtime`, an optional peer. */
interface ConvexModule {
  createConvexRuntimePort(options: PortOptions & { serviceToken: Secret; logger?: Logger }): RuntimePort;
  createConvexBootstrapPort?(options: PortOptions): BootstrapPort;
}

/**
 * Connects to the control plane that the configuration names; nothing is sent yet.
 *
 * @throws {ConfigInvalidError} `ERR_CONFIG_INVALID` when it is on Convex and the package for that is not installed
 */
export async function connectControlPlane(
  { kind, url }: RuntimeConfig["controlPlane"],
  serviceToken: Secret,
  { logger, importConvex = importPeer, ...how }: ConnectOptions = {},
): Promise<ControlPlaneConnection> {
  const options = { url, ...how };
  if (kind === "http")
    return {
      port: createRuntimeClient({ ...options, serviceToken }),
      bootstrap: createBootstrapClient(options),
    };
  const { createConvexRuntimePort, createConvexBootstrapPort } = await loadConvex(importConvex);
  return {
    port: createConvexRuntimePort({ ...options, serviceToken, ...(logger === undefined ? {} : { logger }) }),
    bootstrap: createConvexBootstrapPort?.(options) ?? null,
  };
}

/** Not a literal: it may not be there, and nothing here depends on it. */
function importPeer(name = "@lobstercontrol/convex/runtime"): Promise<unknown> {
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
