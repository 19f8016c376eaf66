/**
 * Control of a running OpenClaw gateway: whether a run happened, its agents, secrets, configuration and restarts. Needs
 * Node.
 *
 * @packageDocumentation
 */
export { createGatewayControl } from "./create-gateway-control.ts";
export { createDeviceKey } from "./device-key.ts";
export {
  ControlConfigInvalidError,
  ControlCallError,
  ControlNotPairedError,
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
  Pairing,
  RunVerdict,
  SecretsReload,
} from "./types.ts";
