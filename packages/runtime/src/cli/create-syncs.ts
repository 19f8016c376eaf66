import { dirname } from "node:path";
import type { Logger, RuntimePort } from "@lobstercontrol/core";
import type { GatewayControl } from "@lobstercontrol/openclaw-client/control";
import type { RuntimeConfig } from "../config/read-config.ts";
import { readGatewaySettings } from "../config/read-gateway-settings.ts";
import { createGatewayConfig } from "../gateway-config/create-gateway-config.ts";
import { createKeysSync } from "../keys/create-keys-sync.ts";
import { createRosterSync } from "../roster/create-roster-sync.ts";
import type { RuntimeServiceOptions } from "../service-options.ts";

/**
 * What brings roster and provider keys to the gateway, for a runtime that shares the gateway's files.
 *
 * @returns nothing when the configuration does not name them
 * @throws {ConfigInvalidError} `ERR_CONFIG_INVALID` when the file of settings cannot be used
 */
export function createSyncs(
  { settings, gatewayUrl, fallbackKeys }: RuntimeConfig,
  port: RuntimePort,
  control: GatewayControl,
  logger: Logger,
): RuntimeServiceOptions["syncs"] {
  const { OPENCLAW_CONFIG_PATH: configPath, OPENCLAW_SECRETS_DIR: secretsDir } = settings;
  const { OPENCLAW_WORKSPACES_DIR: workspacesDir } = settings;
  if (configPath === undefined || secretsDir === undefined || workspacesDir === undefined) return undefined;
  const said = readGatewaySettings(settings.GATEWAY_SETTINGS_FILE);
  const stateDir = settings.OPENCLAW_STATE_DIR ?? dirname(configPath);
  return ({ conditions, restartGateway }) => {
    const config = createGatewayConfig({
      control,
      base: { ...said, port: portOf(gatewayUrl) },
      files: { configPath, stateDir, workspacesDir, secretsDir },
      restart: restartGateway,
      logger,
    });
    return {
      roster: createRosterSync({ port, control, config, conditions, logger }),
      keys: createKeysSync({ port, control, config, conditions, fallbackKeys, logger }),
    };
  };
}

function portOf(url: string): number {
  const { port, protocol } = new URL(url);
  return port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
}
