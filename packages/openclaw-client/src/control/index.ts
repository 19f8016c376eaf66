/**
 * Control of a running OpenClaw gateway: whether a run happened, its agents, secrets, configuration and restarts. Needs
 * Node.
 *
 * @packageDocumentation
 */
export { createGatewayControl } from "./create-gateway-control.ts";
export {
  ConfigInvalidError,
  ControlCallError,
  ControlTimeoutError,
  ControlUnauthorizedError,
  ControlUnreachableError,
  type ConfigIssue,
} from "./errors.ts";
export type {
  ApplyConfigParameters,
  DidRunParameters,
  GatewayControl,
  GatewayControlOptions,
  RunVerdict,
  SecretsReload,
} from "./types.ts";
