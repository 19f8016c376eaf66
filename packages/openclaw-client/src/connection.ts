import {
  InvalidInputError,
  Secret,
  scrubbedLogger,
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
export interface Connection {
  baseUrl: string;
  token: Secret;
  fetch: $Fetch;
  logger: Logger;
  clock: Clock;
  hooks: Required<TelemetryHooks>;
}

export function connect(options: OpenClawClientOptions): Connection {
  const token = typeof options.token === "string" ? new Secret(options.token) : options.token;
  headerValue("token", token.reveal());
  return {
    baseUrl: checkBaseUrl(options.baseUrl),
    token,
    // Looked up at each call, so that a global fetch that is replaced later is respected.
    fetch: createFetch({ fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)) }),
    logger: scrubbedLogger(options.logger ?? silentLogger, [token]),
    clock: options.clock ?? systemClock,
    hooks: safeHooks(options),
  };
}

/** What every request has: sent once, never thrown for its status, read as it comes, and no redirect followed. */
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
