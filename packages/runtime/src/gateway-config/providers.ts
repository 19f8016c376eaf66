/** How the gateway speaks to a model provider. */
export interface ProviderSettings {
  /** The provider's address; an empty one leaves it to OpenClaw, which knows that of the providers that it brings along. */
  baseUrl: string;
  /** What it speaks there. */
  api: "anthropic-messages" | "openai-completions" | "openai-responses" | "google-generative-ai";
  /** The model that agents use, by the provider's own name. */
  model: string;
  /** How many tokens the model reads at once. Default: 128,000. Not told of models that OpenClaw knows. */
  contextWindow?: number;
  /** How many tokens the model writes at most. Default: 8,192. Not told of models that OpenClaw knows. */
  maxTokens?: number;
}

/** A provider as it stands in `openclaw.json`. */
export interface GatewayProvider extends ProviderSettings {
  /** What the gateway calls it. */
  id: string;
  /** The plugin that it needs; null for none. */
  plugin: string | null;
}

/** What the gateway needs to know of one provider, and of which of them the agents' words come from when there are several. */
const known = new Map<string, GatewayProvider>([
  [
    "anthropic",
    { id: "anthropic", plugin: "anthropic", api: "anthropic-messages", baseUrl: "", model: "claude-opus-5" },
  ],
  ["openai", { id: "openai", plugin: "openai", api: "openai-responses", baseUrl: "", model: "gpt-5.6-sol" }],
  [
    "vercel-ai-gateway",
    {
      // Under its own name OpenClaw would install a plugin at boot; under another it is one more compatible provider.
      id: "aigw",
      plugin: null,
      api: "openai-completions",
      baseUrl: "https://ai-gateway.vercel.sh/v1",
      model: "anthropic/claude-opus-4.6",
    },
  ],
  [
    "openrouter",
    {
      id: "openrouter",
      plugin: "openrouter",
      api: "openai-completions",
      baseUrl: "https://openrouter.ai/api/v1",
      model: "openrouter/auto",
    },
  ],
  [
    "gemini",
    {
      id: "google",
      plugin: "google",
      api: "google-generative-ai",
      baseUrl: "",
      model: "gemini-3.1-pro-preview",
    },
  ],
]);

/** The plugins of all known providers: fixed, so that a new key does not have the gateway load one. */
export const providerPlugins: readonly string[] = [...known.values()].flatMap(({ plugin }) =>
  plugin === null ? [] : [plugin],
);

/**
 * A provider as the gateway has it; null when nobody told where it is.
 *
 * @param provider its name in the control plane
 * @param settings by name: what differs from what is known, and all of those that are not
 */
export function gatewayProvider(
  provider: string,
  settings: Readonly<Record<string, Partial<ProviderSettings>>>,
): GatewayProvider | null {
  const own = Object.hasOwn(settings, provider) ? settings[provider] : undefined;
  const builtIn = known.get(provider);
  if (builtIn !== undefined) return { ...builtIn, ...own };
  if (own?.baseUrl === undefined || own.model === undefined) return null;
  const { baseUrl, model } = own;
  // A prefix, since OpenClaw would look for a plugin for some names, on the network and at boot.
  return { api: "openai-completions", ...own, baseUrl, model, id: `custom-${provider}`, plugin: null };
}

/** Providers in the order in which agents use them: the known ones as they stand above, then the others by name. */
export function inOrder(providers: readonly string[], preferred: readonly string[]): string[] {
  const rank = [...preferred, ...known.keys()];
  const place = (provider: string): number => {
    const index = rank.indexOf(provider);
    return index === -1 ? rank.length : index;
  };
  return providers.toSorted((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
}
