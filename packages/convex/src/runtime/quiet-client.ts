import { LobsterError } from "@lobstercontrol/core";
import { UnexpectedError } from "@lobstercontrol/core/http";
import { ConvexHttpClient } from "convex/browser";
import type { Caller } from "./port-over.ts";
import { inTime } from "./send.ts";

/** For each of Convex's clients: whatever it would print by itself may hold a token, which is an argument of every call. */
export const quiet = { logger: false, skipConvexDeploymentUrlCheck: true } as const;

/**
 * Calls functions over HTTP: each call ends in its time, and beside the others.
 *
 * @param url checked
 * @param options how long a call may take, in milliseconds, and what sends it
 */
export function createCaller(
  url: string,
  { timeoutMs = 30_000, fetch = (input, init) => globalThis.fetch(input, init) }: CallerOptions,
): Caller {
  const client = new ConvexHttpClient(url, { ...quiet, fetch: inTime(fetch, timeoutMs) });
  return {
    query: (f, args) => told(() => client.query(f, args)),
    // By default a client sends the next mutation when the one before was answered.
    mutation: (f, args) => told(() => client.mutation(f, args, { skipQueue: true })),
    action: (f, args) => told(() => client.action(f, args)),
  };
}

/** How functions are called over HTTP. */
export interface CallerOptions {
  /** How long a call may take, in milliseconds: 30,000 by default. */
  timeoutMs?: number;
  /** Sends every call. Default: the global `fetch`. */
  fetch?: typeof globalThis.fetch;
}

/** What neither we nor the network said: a function that failed unexpectedly, whose words Convex keeps to its log. */
async function told<Answer>(call: () => Promise<Answer>): Promise<Answer> {
  try {
    return await call();
  } catch (error) {
    if (LobsterError.isInstance(error) || (error instanceof Error && "data" in error)) throw error;
    throw new UnexpectedError({ cause: error });
  }
}
