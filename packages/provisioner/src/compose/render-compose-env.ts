import { InvalidInputError } from "@lobstercontrol/core";
import { bootstrapFolder } from "./render-compose.ts";

/** What stands in the file `.env` beside the compose file. */
export interface ComposeEnv {
  /** The gateway's image: by digest, or at least by a tag that is a version. */
  gatewayImage: string;
  /** The runtime's image. */
  runtimeImage: string;
  /** Where the runtime finds the HTTP binding of its control plane. */
  controlPlaneUrl: string;
  /** The deployment, when the control plane is on Convex: the runtime then prefers it. */
  convexUrl?: string;
}

/**
 * The file `.env` beside the compose file: `NAME='value'`, one a line. Quoted so, compose takes a value as it stands.
 *
 * @throws {InvalidInputError} `ERR_INVALID_INPUT` when a value has what ends such a line, or is no printable ASCII
 *
 * @example
 * ```ts
 * import { renderComposeEnv } from "@lobstercontrol/provisioner";
 *
 * renderComposeEnv({
 *   gatewayImage: "registry.example.com/openclaw:2026.9.6",
 *   runtimeImage: "registry.example.com/lobster-runtime:1.0.0",
 *   controlPlaneUrl: "https://platform.example.com/lobster",
 * });
 * ```
 */
export function renderComposeEnv(values: ComposeEnv): string {
  return [
    line("OPENCLAW_IMAGE", values.gatewayImage),
    line("RUNTIME_IMAGE", values.runtimeImage),
    line("CONTROL_PLANE_URL", values.controlPlaneUrl),
    ...(values.convexUrl === undefined ? [] : [line("CONVEX_URL", values.convexUrl)]),
    line("LOBSTER_BOOTSTRAP_DIR", bootstrapFolder),
  ].join("");
}

function line(name: string, value: string): string {
  // Printable ASCII without the quote, which would end the value, and the backslash, which could hide it.
  if (!/^[ -&(-[\]-~]+$/.test(value))
    throw new InvalidInputError({ field: name, problem: "must be printable ASCII without ' and \\" });
  return `${name}='${value}'\n`;
}
