import { Secret, silentLogger, systemClock, type Clock, type Logger } from "@lobstercontrol/core";
import { createFetch, type FetchOptions } from "ofetch";
import { headerValue } from "./header-value.ts";
import { safeHooks } from "./hooks.ts";
import { refuse } from "./refuse.ts";
import type { OpenClawClientOptions, TelemetryHooks } from "./types.ts";

/** The client's options, checked and with their defaults. */
export interface Connection extends TelemetryHooks {
  token: Secret;
  /**
   * Asks the gateway for a path: once, whatever its status is, without following a redirect. Of the body nothing is read
   * yet.
   */
  fetch(path: string, options: FetchOptions<"stream">): Promise<Response>;
  /** Is told agents, codes and times alone: nothing that would have to be hidden. */
  logger: Logger;
  clock: Clock;
  random: () => number;
  retries: number;
}

export function connect(options: OpenClawClientOptions): Connection {
  const token = typeof options.token === "string" ? new Secret(options.token) : options.token;
  headerValue("token", token.reveal());
  const baseUrl = checkBaseUrl(options.baseUrl);
  // Looked up at each call, so that a global fetch that is replaced later is respected.
  const { raw } = createFetch({ fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)) });
  return {
    token,
    fetch: (path, init) => raw(baseUrl + path, { ...asItComes, ...init }),
    logger: options.logger ?? silentLogger,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    retries: options.retries ?? 2,
    ...safeHooks(options),
  };
}

const asItComes = {
  retry: 0,
  ignoreResponseError: true,
  responseType: "stream",
  // "error" would look like any network failure; "manual" shows the redirect for what it is.
  redirect: "manual",
} as const;

/** The address that paths are put behind: it has no slash at its end. */
function checkBaseUrl(baseUrl: string | URL): string {
  const text = String(baseUrl);
  if (!URL.canParse(text)) refuse("baseUrl", "is not a URL");
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:")
    refuse("baseUrl", "must begin with http:// or https://");
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "")
    refuse("baseUrl", "must have no user, password, query or fragment");
  return url.href.replace(/\/+$/, "");
}
