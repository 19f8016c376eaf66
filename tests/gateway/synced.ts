import {
  agentSlug,
  systemClock,
  type Agent,
  type AgentRoster,
  type ProviderKeySet,
  type Secret,
} from "@lobstercontrol/core";
import { createGatewayControl } from "@lobstercontrol/openclaw-client/control";
import {
  createConditions,
  createGatewayConfig,
  createKeysSync,
  createRosterSync,
  renderGatewayConfig,
  type GatewayConfigBase,
  type GatewayConfigOptions,
  type KeysSyncOptions,
} from "@lobstercontrol/runtime";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ModelProviderServer } from "../../examples/quickstart/gateway/model-provider.ts";
import { startTestGateway } from "./fixture.ts";

/** An agent of a roster. */
export const agent = (slug: string, over: Partial<Agent> = {}): Agent => ({
  slug: agentSlug.parse(slug),
  ref: null,
  heartbeatEveryMs: null,
  files: {},
  leaving: false,
  ...over,
});

/**
 * A gateway that has nothing yet, and both syncs on it. The test is the control plane: it changes the roster and the keys.
 *
 * @param base what the configuration says besides agents and keys
 * @param onCleanup takes what ends the gateway, and what removes its files
 */
export async function openSynced(
  models: ModelProviderServer,
  base: Omit<GatewayConfigBase, "port">,
  onCleanup: (clean: () => Promise<void>) => void,
) {
  const stateDir = await mkdtemp(join(tmpdir(), "lobster-synced-"));
  const files = {
    configPath: join(stateDir, "openclaw.json"),
    stateDir,
    workspacesDir: join(stateDir, "workspaces"),
    secretsDir: join(stateDir, "secrets"),
  };
  let port = 0;
  const gateway = await startTestGateway(models, {
    stateDir,
    amend: (config) => {
      ({ port } = config.gateway);
      return JSON.parse(
        renderGatewayConfig({ base: { ...base, port }, roster: [], keys: [], files }),
      ) as object;
    },
  });
  const gateways = [gateway];
  onCleanup(async () => {
    for (const each of gateways) await each.stop();
    await rm(stateDir, { recursive: true, force: true, maxRetries: 5 });
  });

  const control = createGatewayControl(gateway);
  const conditions = createConditions(systemClock);
  const roster: AgentRoster = { revision: 0, agents: [] };
  const stored: ProviderKeySet = { generation: 0, keys: [] };
  const openConfig = (over: Partial<GatewayConfigOptions> = {}) =>
    createGatewayConfig({ control, base: { ...base, port }, files, ...over });
  const config = openConfig();
  const rosterSync = createRosterSync({ port: { agents: async () => roster }, control, config, conditions });
  const openKeys = (over: Partial<KeysSyncOptions> = {}) =>
    createKeysSync({ port: { providerKeys: async () => stored }, control, config, conditions, ...over });
  const keys = openKeys();
  const { signal } = new AbortController();
  return {
    gateway,
    control,
    files,
    keys,
    openConfig,
    openKeys,
    /** Starts the gateway again once it was killed, on what it has left behind. */
    async startAgain(): Promise<void> {
      await gateway.ended;
      const left = JSON.parse(await readFile(files.configPath, "utf8")) as object;
      const { token } = gateway;
      gateways.push(await startTestGateway(models, { stateDir, token, port, amend: () => left }));
    },
    /** Changes the roster, and has it brought. */
    syncRoster(...agents: Agent[]) {
      Object.assign(roster, { revision: roster.revision + 1, agents });
      return rosterSync.sync({ wanted: roster.revision, force: false, signal });
    },
    /** Has it brought again: an agent that leaves may have been told everything. */
    syncRosterAgain(agents: Agent[]) {
      roster.agents = agents;
      return rosterSync.sync({ wanted: roster.revision, force: true, signal });
    },
    /** Changes the keys, and has them brought. */
    syncKeys(changed: Record<string, Secret>, sync = keys) {
      stored.generation += 1;
      stored.keys = Object.entries(changed).map(([provider, key]) => ({ provider, key }));
      return sync.sync({ wanted: stored.generation, force: false, signal });
    },
    /** Has them brought again. */
    syncKeysAgain: (sync = keys) => sync.sync({ wanted: stored.generation, force: true, signal }),
    /** What was found about a condition. */
    found: (type: string) => conditions.list().find((condition) => condition.type === type),
    /** For how long the gateway has been up, in milliseconds: less than before means that it was restarted. */
    async upMs(): Promise<number> {
      const answer = await fetch(`${gateway.url}/startupz`);
      return ((await answer.json()) as { uptimeMs: number }).uptimeMs;
    },
  };
}
