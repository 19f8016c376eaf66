import { Secret, type ProviderKeySet } from "@lobstercontrol/core";
import type { Env } from "../key-ring-from-env.ts";
import { readKey } from "./key-form.ts";

const variables: Readonly<Record<string, string>> = {
  anthropic: "ANTHROPIC_API_KEY",
  openai: "OPENAI_API_KEY",
  "vercel-ai-gateway": "AI_GATEWAY_API_KEY",
  openrouter: "OPENROUTER_API_KEY",
  gemini: "GEMINI_API_KEY",
};

/**
 * The operator's own provider keys, for accounts that have stored none: `ANTHROPIC_API_KEY`, `OPENAI_API_KEY`,
 * `AI_GATEWAY_API_KEY`, `OPENROUTER_API_KEY` and `GEMINI_API_KEY`. They never were in the vault, and whoever can read the
 * environment can read them.
 *
 * @param env such as `process.env`
 * @throws {InvalidInputError} `ERR_INVALID_INPUT` when a variable holds something that is no key of its provider
 *
 * @example
 * ```ts
 * import { createVault, keyRingFromEnv, providerKeysFromEnv } from "@lobstercontrol/secrets";
 *
 * const vault = createVault({ keyRing: keyRingFromEnv(process.env) });
 * const fallbackKeys = providerKeysFromEnv(process.env);
 * console.log(vault, fallbackKeys.map(({ provider }) => provider));
 * ```
 */
export function providerKeysFromEnv(env: Env): ProviderKeySet["keys"] {
  return Object.entries(variables).flatMap(([provider, variable]) => {
    const value = env[variable]?.trim() ?? "";
    return value === "" ? [] : [{ provider, key: new Secret(readKey(provider, value, variable)) }];
  });
}
