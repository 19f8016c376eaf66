import {
  InvalidInputError,
  Secret,
  silentLogger,
  systemClock,
  type Clock,
  type Logger,
} from "@lobstercontrol/core";
import { createFetch, type $Fetch } from "ofetch";
import { headerValue } from "./header-value.ts";
import { safeHooks } from "./hooks.ts";
import type { OpenClawClientOptions, TelemetryHooks } from "./types.ts";

/** The client's options, checked and with their defaults. */
export interface Connection extends TelemetryHooks {
  baseUrl: string;
  token: Secret;
  fetch: $Fetch;
  /** Is told agents, codes and times alone: nothing that would have to be hidden. */
  logger: Logger;
  clock: Clock;
  random: () => number;
  retries: number;
}

export function connect(options: OpenClawClientOptions): Connection {
  const token = typeof options.token === "string" ? new Secret(options.token) : options.token;
  headerValue("token", token.reveal());
  return {
    baseUrl: checkBaseUrl(options.baseUrl),
    token,
    // Looked up at each call, so that a global fetch that is replaced later is respected.
    fetch: createFetch({ fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)) }),
    logger: options.logger ?? silentLogger,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    retries: options.retries ?? 2,
    ...safeHooks(options),
  };
}

/** What every request has: sent once by ofetch, never thrown for its status, read as it comes, and no redirect followed. */
export const requestDefaults = {
  retry: 0,
  ignoreResponseError: true,
  responseType: "stream",
  // "error" would look like any network failure; "manual" shows the redirect for what it is.
  redirect: "manual",
} as const;

function checkBaseUrl(baseUrl: string | URL): string {
  const field = "baseUrl";
  const text = String(baseUrl);
  if (!URL.canParse(text)) throw new InvalidInputError({ field, problem: "is not a URL" });
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw new InvalidInputError({ field, problem: "must begin with http:// or https://" });
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "")
    throw new InvalidInputError({ field, problem: "must have no user, password, query or fragment" });
  return url.href;
}
