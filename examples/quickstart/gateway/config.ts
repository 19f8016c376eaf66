import type { Secret } from "@lobstercontrol/core";

/** The model provider that the gateway asks for its agents' words. */
export type ModelProvider =
  /** Our own on loopback, see `startModelProvider`: deterministic, free, offline. */
  | { kind: "local"; url: string }
  /** A real one. The key reaches the gateway through its environment alone. */
  | { kind: HostedProvider; apiKey: Secret; model?: string };

/** A real model provider that the quickstart can use. */
export type HostedProvider = "anthropic" | "openai" | "vercel-ai-gateway";

/** The variable in which the gateway finds a hosted provider's key; people keep theirs in one of the same name. */
export const keyVariables: Record<HostedProvider, string> = {
  anthropic: "ANTHROPIC_API_KEY",
  openai: "OPENAI_API_KEY",
  "vercel-ai-gateway": "AI_GATEWAY_API_KEY",
};

/** The variable in which the gateway finds its own token. */
export const tokenVariable = "OPENCLAW_GATEWAY_TOKEN";

/** What {@link renderConfig} needs. */
export interface ConfigOptions {
  /** Loopback port of the gateway. */
  port: number;
  /** Slugs of the agents, at least one. */
  agents: readonly string[];
  /** Where the agents' words come from. */
  provider: ModelProvider;
  /** Folder of the gateway's state, for the agents' workspaces and the log. */
  stateDir: string;
  /** Whether `POST /v1/responses` is served. Default: true; OpenClaw's own default is false. */
  responsesEnabled?: boolean;
  /** Changes what none of these options is for. Default: nothing is changed. */
  amend?: (config: OpenClawConfig) => object;
}

/** What {@link renderConfig} writes. */
export type OpenClawConfig = ReturnType<typeof configOf>;

/**
 * The text of an `openclaw.json`. It holds no secret: `${…}` is filled in by the gateway, from its environment.
 *
 * Nothing acts on its own in such a gateway: no heartbeat, no cron, no channels; the agents have no tools that touch the
 * machine.
 */
export function renderConfig(options: ConfigOptions): string {
  const config = configOf(options);
  return `${JSON.stringify(options.amend?.(config) ?? config, null, 2)}\n`;
}

function configOf(options: ConfigOptions) {
  const { models, plugins, primary } = providerConfig(options.provider);
  return {
    gateway: {
      mode: "local",
      port: options.port,
      bind: "loopback",
      auth: { mode: "token", token: `\${${tokenVariable}}` },
      http: { endpoints: { responses: { enabled: options.responsesEnabled ?? true } } },
      controlUi: { enabled: false },
    },
    models,
    agents: {
      // Without it, a second agent would make the first one's requests ambiguous.
      ownership: "explicit",
      defaults: { skipBootstrap: true, model: { primary }, heartbeat: { every: "0m" } },
      entries: Object.fromEntries(
        options.agents.map((agent) => [agent, { workspace: `${options.stateDir}/workspaces/${agent}` }]),
      ),
    },
    // Even the minimal profile has one tool too many: `gateway`, with which an agent updates OpenClaw. Tool search would
    // hide the tools that a request brings along, and code mode would put a JavaScript interpreter in their place.
    tools: { profile: "minimal", deny: ["gateway"], toolSearch: false, codeMode: false },
    cron: { enabled: false },
    // Else it goes to a folder that all gateways of this machine share, whatever TMPDIR says.
    logging: { file: `${options.stateDir}/logs/openclaw.log` },
    plugins,
  };
}

interface ProviderConfig {
  /** The model that every agent uses, as `provider/model`. */
  primary: string;
  models: { mode?: "replace"; providers: Record<string, object> };
  plugins: object;
}

function providerConfig(provider: ModelProvider): ProviderConfig {
  switch (provider.kind) {
    case "local":
      return {
        primary: "local/demo",
        models: onlyProvider("local", { baseUrl: provider.url, apiKey: "none", model: "demo" }),
        plugins: { enabled: false },
      };
    case "anthropic":
      return bundledProvider("anthropic", provider.model ?? "claude-opus-5");
    case "openai":
      return bundledProvider("openai", provider.model ?? "gpt-5.6-sol");
    case "vercel-ai-gateway": {
      // Under its own name OpenClaw would install a plugin at boot; under another it is one more compatible provider.
      const model = provider.model ?? "anthropic/claude-opus-4.6";
      return {
        primary: `aigw/${model}`,
        models: onlyProvider("aigw", {
          baseUrl: "https://ai-gateway.vercel.sh/v1",
          apiKey: `\${${keyVariables["vercel-ai-gateway"]}}`,
          model,
        }),
        plugins: { enabled: false },
      };
    }
  }
}

/**
 * A provider that OpenClaw brings along, with its own catalogue of models. The runtime is named because OpenAI's models
 * would else run in another program, Codex, which OpenClaw downloads at boot and which has tools of its own.
 */
function bundledProvider(id: "anthropic" | "openai", model: string): ProviderConfig {
  return {
    primary: `${id}/${model}`,
    models: {
      providers: { [id]: { apiKey: `\${${keyVariables[id]}}`, agentRuntime: { id: "openclaw" } } },
    },
    plugins: { enabled: true, allow: [id] },
  };
}

/** A provider that speaks OpenAI's chat completions, described in full, in place of all that OpenClaw knows. */
function onlyProvider(
  id: string,
  provider: { baseUrl: string; apiKey: string; model: string },
): ProviderConfig["models"] {
  return {
    mode: "replace",
    providers: {
      [id]: {
        baseUrl: provider.baseUrl,
        apiKey: provider.apiKey,
        api: "openai-completions",
        models: [
          {
            id: provider.model,
            name: provider.model,
            reasoning: false,
            input: ["text", "image"],
            cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
            contextWindow: 128_000,
            maxTokens: 4096,
          },
        ],
      },
    },
  };
}
