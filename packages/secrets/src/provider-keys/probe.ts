import { systemClock, type Clock } from "@lobstercontrol/core";
import { revealed, type MaybeSecret } from "../revealed.ts";
import { readKey, readProvider } from "./key-form.ts";

/**
 * What a provider said of a key.
 *
 * - `accepted`: it answered a question that only a good key may ask
 * - `refused`: it does not know the key
 * - `unknown`: anything else, an outage or a custom provider for example; says nothing about the key
 */
export type ProbeVerdict = "accepted" | "refused" | "unknown";

/** How a probe reaches a provider. */
export interface ProbeOptions {
  /** The platform's by default. */
  fetch?: typeof fetch;
  /** Whose time. */
  clock?: Clock;
  /** How long to wait for an answer, in milliseconds: 10,000 by default. */
  timeoutMs?: number;
}

interface Question {
  url: string;
  headers: (key: string) => Record<string, string>;
  /** The statuses of an answer to a key that the provider does not know. */
  refusals: readonly number[];
}

const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });

/**
 * Fixed addresses, so that a key goes to nobody but its provider, and cheap questions that cost no tokens. The last two
 * have their models listed for everyone, so that another question has to do.
 */
const questions = new Map<string, Question>([
  [
    "anthropic",
    {
      url: "https://api.anthropic.com/v1/models?limit=1",
      headers: (key) => ({ "x-api-key": key, "anthropic-version": "2023-06-01" }),
      refusals: [401],
    },
  ],
  ["openai", { url: "https://api.openai.com/v1/models", headers: bearer, refusals: [401] }],
  [
    "gemini",
    {
      url: "https://generativelanguage.googleapis.com/v1beta/models?pageSize=1",
      headers: (key) => ({ "x-goog-api-key": key }),
      // It calls a key that it does not know an invalid argument.
      refusals: [400, 401],
    },
  ],
  ["openrouter", { url: "https://openrouter.ai/api/v1/key", headers: bearer, refusals: [401] }],
  ["vercel-ai-gateway", { url: "https://ai-gateway.vercel.sh/v1/credits", headers: bearer, refusals: [401] }],
]);

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
  const question = questions.get(provider);
  return question === undefined ? "unknown" : await ask(question, key, options);
}

async function ask(
  { url, headers, refusals }: Question,
  key: string,
  { fetch = globalThis.fetch, clock = systemClock, timeoutMs = 10_000 }: ProbeOptions,
): Promise<ProbeVerdict> {
  const timeout = new AbortController();
  const cancel = clock.after(timeoutMs, () => timeout.abort());
  try {
    const response = await fetch(url, {
      method: "GET",
      headers: headers(key),
      // "manual" and not "error", which not every platform knows: the redirect comes back as an answer like any other.
      redirect: "manual",
      signal: timeout.signal,
    });
    void response.body?.cancel().catch(() => {});
    if (response.status === 200) return "accepted";
    return refusals.includes(response.status) ? "refused" : "unknown";
  } catch {
    // What fetch throws may hold the request, and so the key.
    return "unknown";
  } finally {
    cancel();
  }
}
