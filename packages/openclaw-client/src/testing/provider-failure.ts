import type { Clock } from "@lobstercontrol/core";
import type { MockFailure } from "./reply.ts";

/** How the gateway tells that a run failed. */
export interface RunFailure {
  status: number;
  code: string;
  message: string;
}

/** What the gateway says when it does not say what happened. */
export const internalError: RunFailure = { status: 500, code: "api_error", message: "internal error" };

interface ProviderAnswer {
  /** Default: the provider's own. */
  status?: number;
  code: string;
  /** Default: what the provider said. */
  message?: string;
  /** How long the agent's runs fail after it. */
  onHoldMs?: number;
}

const brokenProvider = { status: 502, code: "api_error", message: "upstream provider error" };
const slowProvider = { code: "api_error", message: "upstream provider timeout" };

/** By the provider's status, with the retries of the gateway off. Any other is an {@link internalError}. */
const answers: Record<number, ProviderAnswer> = {
  400: { code: "invalid_request_error" },
  401: { code: "authentication_error", onHoldMs: 60_000 },
  402: { code: "insufficient_quota", onHoldMs: 600_000 },
  403: { code: "authentication_error", onHoldMs: 60_000 },
  404: { code: "invalid_request_error" },
  408: slowProvider,
  422: { code: "invalid_request_error" },
  429: { code: "rate_limit_error" },
  500: brokenProvider,
  502: brokenProvider,
  503: brokenProvider,
  504: slowProvider,
  529: { code: "api_error", message: "upstream provider overloaded" },
};

/** What the gateway tells of a failure. */
export function failureOf(failure: MockFailure): RunFailure {
  if ("status" in failure) return failure;
  const { provider, message = "the model provider failed" } = failure;
  const answer = answers[provider];
  if (answer === undefined) return internalError;
  return {
    status: answer.status ?? provider,
    code: answer.code,
    message: answer.message ?? `${provider} ${message}`,
  };
}

/** Who is on hold: an agent, with the model provider that refused it. */
interface Held {
  agent: string;
  /** What `x-openclaw-model` asked for; null for the agent's own. */
  model: string | null;
}

/** Agents whose provider refused them. Other agents still reach it, and they other providers. */
export interface Holds {
  /** Puts the agent on hold, if such a failure does. */
  take(held: Held, failure: MockFailure): void;
  /** Whether the agent's runs fail for now. */
  has(held: Held): boolean;
}

export function createHolds(clock: Clock): Holds {
  const until = new Map<string, number>();
  const keyOf = ({ agent, model }: Held): string => `${agent} ${model?.split("/", 1)[0] ?? ""}`;
  return {
    take(held, failure) {
      const onHoldMs = "provider" in failure ? answers[failure.provider]?.onHoldMs : undefined;
      if (onHoldMs !== undefined) until.set(keyOf(held), clock.now() + onHoldMs);
    },
    has: (held) => clock.now() < (until.get(keyOf(held)) ?? 0),
  };
}
