/**
 * The loop beside an OpenClaw gateway: it claims an account's notifications, delivers them, and posts the replies; and the
 * service around it, which looks after the gateway, reports, and carries out what an admin wants.
 *
 * @packageDocumentation
 */
export { BootstrapRefusedError } from "./bootstrap/errors.ts";
export { ConfigInvalidError, type ConfigProblem } from "./config/errors.ts";
export type { RuntimeEvent } from "./events.ts";
export {
  createGatewayConfig,
  type ConfigNames,
  type GatewayConfig,
  type GatewayConfigOptions,
} from "./gateway-config/create-gateway-config.ts";
export type { Files } from "./gateway-config/files.ts";
export type { ProviderSettings } from "./gateway-config/providers.ts";
export {
  renderGatewayConfig,
  type AgentTools,
  type GatewayConfigBase,
  type GatewayConfigInput,
  type GatewayFiles,
} from "./gateway-config/render.ts";
export { createConditions, type Conditions, type Finding } from "./health/conditions.ts";
export type { RuntimeHealth } from "./health/snapshot.ts";
export { createKeysSync, type KeysSyncOptions } from "./keys/create-keys-sync.ts";
export { createRosterSync, type RosterSyncOptions } from "./roster/create-roster-sync.ts";
export { createRuntime, type Runtime, type RuntimeOptions } from "./runtime.ts";
export { createRuntimeService, type RuntimeService } from "./service.ts";
export type { KeysSync, RuntimeServiceOptions, SyncParts } from "./service-options.ts";
export type { Sync, Synced } from "./sync.ts";
