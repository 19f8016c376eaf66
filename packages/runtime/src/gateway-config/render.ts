import { join } from "node:path";
import { isObject, over, stableJson, type JsonObject } from "./json.ts";
import {
  gatewayProvider,
  inOrder,
  providerPlugins,
  type GatewayProvider,
  type ProviderSettings,
} from "./providers.ts";

/** Which tools an agent has, in OpenClaw's words. */
export interface AgentTools {
  /** The set to begin with: `minimal` by default, the narrowest that there is. */
  profile?: "minimal" | "coding" | "messaging" | "full";
  /** Tools beyond the profile. */
  alsoAllow?: readonly string[];
  /** Tools that it must not have, whatever the profile says. Those that change the gateway itself are always among them. */
  deny?: readonly string[];
}

/** What an account's `openclaw.json` says besides agents and keys. The same for as long as the gateway lives. */
export interface GatewayConfigBase {
  /** The port on loopback. */
  port: number;
  /**
   * Anything else that `openclaw.json` may say, such as skills. It goes over our defaults, and under what has to hold:
   * the responses endpoint is on; agents, heartbeats and cron are ours. No secrets.
   */
  template?: Readonly<Record<string, unknown>>;
  /** The tools of every agent that `toolsOf` does not name. Default: the `minimal` profile. */
  tools?: AgentTools;
  /** The tools of an agent, by slug. */
  toolsOf?: Readonly<Record<string, AgentTools>>;
  /** By provider: what differs from what is known of it, and all there is to know of any other. */
  providers?: Readonly<Record<string, Partial<ProviderSettings>>>;
  /** Which provider's model the agents use when there are several; those that are not named come after. */
  preferred?: readonly string[];
}

/** Where things are, as runtime and gateway both name them. */
export interface GatewayFiles {
  /** The gateway's `openclaw.json`. */
  configPath: string;
  /** The folder of the gateway's state. */
  stateDir: string;
  /** Each agent has its workspace in a folder of its slug below. */
  workspacesDir: string;
  /** One file for each provider's key; best on tmpfs. */
  secretsDir: string;
}

/** What {@link renderGatewayConfig} needs. */
export interface GatewayConfigInput {
  /** What does not change. */
  base: GatewayConfigBase;
  /** Slugs of the agents. */
  roster: readonly string[];
  /** The providers that have a secret file. Those that nobody told the address of are left out. */
  keys: readonly string[];
  /** Where things are. */
  files: GatewayFiles;
}

/**
 * The text of an account's `openclaw.json`. It holds no secret: keys are in files that it names, and the token comes from
 * the gateway's environment. The same input is the same text.
 *
 * Nothing acts on its own in such a gateway: no heartbeat and no cron of its own, no web interface, and agents with as few
 * tools as there can be.
 *
 * @example
 * ```ts
 * import { renderGatewayConfig } from "@lobstercontrol/runtime";
 *
 * const text = renderGatewayConfig({
 *   base: { port: 18789, toolsOf: { coder: { profile: "coding" } } },
 *   roster: ["coder", "writer"],
 *   keys: ["anthropic"],
 *   files: {
 *     configPath: "/data/openclaw.json",
 *     stateDir: "/data",
 *     workspacesDir: "/data/workspaces",
 *     secretsDir: "/run/lobster",
 *   },
 * });
 * console.log(text);
 * ```
 */
export function renderGatewayConfig({ base, roster, keys, files }: GatewayConfigInput): string {
  const config = over(over(defaults(base, files), base.template ?? {}), imposed(base, files, roster, keys));
  const { entries: _, ownership, ...agents } = objectAt(config, "agents");
  const entries = objectAt(config, "agents", "entries");
  if (roster.length === 0) return stableJson({ ...config, agents });
  // The template may say more about an agent of the roster; it must not add one.
  return stableJson({
    ...config,
    agents: {
      ...agents,
      ownership,
      entries: Object.fromEntries(roster.map((slug) => [slug, entries[slug]])),
    },
  });
}

/** Where a provider's key stands in a configuration, for `GatewayControl.proveSecret`; null without an address. */
export function keyPathOf(provider: string, base: GatewayConfigBase): string | null {
  const settings = gatewayProvider(provider, base.providers ?? {});
  return settings === null ? null : `models.providers.${settings.id}.apiKey`;
}

/** The file of a provider's key. */
export function secretFileOf(provider: string, { secretsDir }: Pick<GatewayFiles, "secretsDir">): string {
  return join(secretsDir, `${provider}.key`);
}

/**
 * The provider whose model the agents use; null when there is none, when the template's model is of none that has a key
 * here, or when the template lets agents fall back to others.
 */
export function providerOfAgents(keys: readonly string[], base: GatewayConfigBase): string | null {
  const usable = keys.filter((provider) => keyPathOf(provider, base) !== null);
  const { model } = objectAt(base.template, "agents", "defaults");
  if (model === undefined) return inOrder(usable, base.preferred ?? [])[0] ?? null;
  if (isObject(model) && "fallbacks" in model) return null;
  const [id] = String(isObject(model) ? model["primary"] : model).split("/");
  return usable.find((provider) => gatewayProvider(provider, base.providers ?? {})?.id === id) ?? null;
}

const secretPrefix = "lobster-";

/** The agents and providers that a configuration of ours names: what the gateway has when a runtime starts. */
export function namesIn(text: string): { roster: string[]; keys: string[] } {
  const config = parsed(text);
  return {
    roster: Object.keys(objectAt(config, "agents", "entries")),
    keys: Object.keys(objectAt(config, "secrets", "providers")).flatMap((name) =>
      name.startsWith(secretPrefix) ? [name.slice(secretPrefix.length)] : [],
    ),
  };
}

function defaults(base: GatewayConfigBase, { stateDir }: GatewayFiles): JsonObject {
  return {
    gateway: {
      mode: "local",
      port: base.port,
      bind: "loopback",
      auth: { mode: "token", token: "${OPENCLAW_GATEWAY_TOKEN}" },
      controlUi: { enabled: false },
    },
    agents: { defaults: { skipBootstrap: true } },
    // Tool search would hide the tools that a request brings along; code mode would put an interpreter in their place.
    tools: { ...toolsOf(base.tools), toolSearch: false, codeMode: false },
    // Else it goes to a folder that all gateways of a machine share.
    logging: { file: join(stateDir, "logs", "openclaw.log") },
    plugins: { enabled: true, allow: providerPlugins },
  };
}

function imposed(
  base: GatewayConfigBase,
  files: GatewayFiles,
  roster: readonly string[],
  keys: readonly string[],
): JsonObject {
  const providers = keys.flatMap((provider) => {
    const settings = gatewayProvider(provider, base.providers ?? {});
    return settings === null ? [] : [{ provider, settings }];
  });
  const first = providerOfAgents(keys, base);
  const primary = providers.find(({ provider }) => provider === first)?.settings;
  return {
    gateway: { http: { endpoints: { responses: { enabled: true } } } },
    agents: {
      // Without it, a second agent would make the first one's requests ambiguous.
      ownership: "explicit",
      defaults: {
        // Heartbeats are notifications: the control plane creates them, one runtime delivers them.
        heartbeat: { every: "0m" },
        ...(primary === undefined || "model" in objectAt(base.template, "agents", "defaults")
          ? {}
          : { model: { primary: `${primary.id}/${primary.model}` } }),
      },
      entries: Object.fromEntries(
        roster.map((slug) => [
          slug,
          {
            workspace: join(files.workspacesDir, slug),
            tools: toolsOf(Object.hasOwn(base.toolsOf ?? {}, slug) ? base.toolsOf?.[slug] : base.tools),
          },
        ]),
      ),
    },
    cron: { enabled: false },
    models: {
      providers: Object.fromEntries(
        providers.map(({ provider, settings }) => [settings.id, entryOf(provider, settings)]),
      ),
    },
    secrets: {
      providers: Object.fromEntries(
        providers.map(({ provider }) => [
          secretPrefix + provider,
          { source: "file", path: secretFileOf(provider, files), mode: "singleValue" },
        ]),
      ),
    },
  };
}

/**
 * What changes the gateway itself. The smallest profile already has `gateway`, with which an agent updates OpenClaw, and
 * `coding` has most of the others.
 */
const neverTools = ["automations", "gateway", "openclaw", "plugins", "secrets"];

function toolsOf({ profile = "minimal", alsoAllow, deny = [] }: AgentTools = {}): JsonObject {
  return {
    profile,
    ...(alsoAllow === undefined ? {} : { alsoAllow }),
    deny: [...new Set([...neverTools, ...deny])].toSorted(),
  };
}

function entryOf(provider: string, settings: GatewayProvider): JsonObject {
  const { baseUrl, api, model, plugin, contextWindow = 128_000, maxTokens = 8_192 } = settings;
  return {
    apiKey: { source: "file", provider: secretPrefix + provider, id: "value" },
    ...(baseUrl === "" ? {} : { baseUrl, api }),
    ...(plugin === null
      ? {
          models: [
            {
              id: model,
              name: model,
              reasoning: false,
              input: ["text", "image"],
              cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
              contextWindow,
              maxTokens,
            },
          ],
        }
      : // Else OpenAI's models would run in another program, Codex, which OpenClaw downloads at boot.
        { agentRuntime: { id: "openclaw" } }),
  };
}

/** A file that is no JSON names nothing. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function objectAt(value: unknown, ...path: readonly string[]): JsonObject {
  let at: unknown = value;
  for (const name of path) at = isObject(at) && Object.hasOwn(at, name) ? at[name] : undefined;
  return isObject(at) ? at : {};
}
