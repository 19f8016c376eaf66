import { askProvider, Secret, type ProbeOptions, type ProbeVerdict } from "@lobstercontrol/core";
import { revealed, type MaybeSecret } from "../revealed.ts";
import { readKey, readProvider } from "./key-form.ts";

export type { ProbeOptions, ProbeVerdict };

/**
 * Asks a provider whether it knows a key. The key goes to a fixed address of that provider, in a header; redirects are not
 * followed, the answer is not read, and nothing is logged. Never throws on what the provider does.
 *
 * @param input the provider and its key
 * @param options how to reach it
 * @throws {InvalidInputError} `ERR_INVALID_INPUT` when the key does not look like one of that provider
 *
 * @example
 * ```ts
 * import { probeProviderKey } from "@lobstercontrol/secrets";
 *
 * export async function check(key: string): Promise<string> {
 *   const verdict = await probeProviderKey({ provider: "anthropic", key });
 *   return verdict === "refused" ? "Anthropic does not know this key." : "Fine, as far as we know.";
 * }
 * ```
 */
export async function probeProviderKey(
  input: { provider: string; key: MaybeSecret<string> },
  options: ProbeOptions = {},
): Promise<ProbeVerdict> {
  const provider = readProvider(input.provider);
  const key = readKey(provider, revealed(input.key));
  return await askProvider({ provider, key: new Secret(key) }, options);
}
