import { systemClock, type Clock } from "../clock.ts";
import type { Secret } from "../secret.ts";

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
  /** A status that answers other things as well, and what such an answer holds when it is about the key. */
  refusalSaying?: { status: number; text: string };
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
      refusals: [401],
      // It calls a key that it does not know an invalid argument, and a good key's place in the world a failed precondition.
      refusalSaying: { status: 400, text: "API_KEY_INVALID" },
    },
  ],
  ["openrouter", { url: "https://openrouter.ai/api/v1/key", headers: bearer, refusals: [401] }],
  ["vercel-ai-gateway", { url: "https://ai-gateway.vercel.sh/v1/credits", headers: bearer, refusals: [401] }],
]);

/**
 * Asks a provider whether it knows a key. The key goes to a fixed address of that provider, in a header; redirects are not
 * followed, of the answer little more than the status is read, and nothing is logged. Never throws on what the provider does.
 * A provider that is not known is not asked.
 *
 * @param input the provider and its key, which must be fit for a header
 * @param options how to reach it
 *
 * @example
 * ```ts
 * import { askProvider, Secret } from "@lobstercontrol/core";
 *
 * export async function isGone(key: string): Promise<boolean> {
 *   return (await askProvider({ provider: "anthropic", key: new Secret(key) })) === "refused";
 * }
 * ```
 */
export async function askProvider(
  input: { provider: string; key: Secret },
  options: ProbeOptions = {},
): Promise<ProbeVerdict> {
  const question = questions.get(input.provider);
  return question === undefined ? "unknown" : await ask(question, input.key, options);
}

/** Far more than a provider has to say about a key. */
const maxAnswerCharacters = 16 * 1024;

async function holds(text: string, body: ReadableStream<Uint8Array> | null): Promise<boolean> {
  if (body === null) return false;
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let read = "";
  while (read.length < maxAnswerCharacters) {
    const { done, value } = await reader.read();
    if (done) break;
    read += decoder.decode(value, { stream: true });
  }
  void reader.cancel().catch(() => {});
  return read.slice(0, maxAnswerCharacters).includes(text);
}

async function ask(
  { url, headers, refusals, refusalSaying }: Question,
  key: Secret,
  { fetch = globalThis.fetch, clock = systemClock, timeoutMs = 10_000 }: ProbeOptions,
): Promise<ProbeVerdict> {
  const timeout = new AbortController();
  const cancel = clock.after(timeoutMs, () => timeout.abort());
  try {
    const response = await fetch(url, {
      method: "GET",
      headers: headers(key.reveal()),
      // "manual" and not "error", which not every platform knows: the redirect comes back as an answer like any other.
      redirect: "manual",
      signal: timeout.signal,
    });
    if (response.status === refusalSaying?.status)
      return (await holds(refusalSaying.text, response.body)) ? "refused" : "unknown";
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
