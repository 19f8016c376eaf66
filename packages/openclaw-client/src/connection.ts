import { Secret, silentLogger, systemClock, type Clock, type Logger } from "@lobstercontrol/core";
import { createFetch, type FetchOptions } from "ofetch";
import { headerValue } from "./header-value.ts";
import { safeHooks } from "./hooks.ts";
import { refuse } from "./refuse.ts";
import type { OpenClawClientOptions, TelemetryHooks } from "./types.ts";

/** The client's options, checked and with their defaults. */
export interface Connection extends TelemetryHooks {
  token: Secret;
  /** Asks the gateway for a path, once. Whatever its status is, of the body nothing is read yet. */
  get(path: string, options: FetchOptions<"stream">): Promise<Response>;
  /**
   * The same with a body. It goes to the platform's `fetch` as ofetch hands it out: what ofetch adds to a request is of no
   * use here, and every run would pay for it.
   */
  post(path: string, init: RequestInit): Promise<Response>;
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
  const { raw, native } = createFetch({
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
  });
  return {
    token,
    get: (path, init) => raw(baseUrl + path, { ...asItComes, redirect, ...init }),
    post: (path, init) => native(baseUrl + path, { method: "POST", redirect, ...init }),
    logger: options.logger ?? silentLogger,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    retries: options.retries ?? 2,
    ...safeHooks(options),
  };
}

const asItComes = { retry: 0, ignoreResponseError: true, responseType: "stream" } as const;

/** None is followed: it would carry the token elsewhere. "error" would look like any network failure. */
const redirect = "manual";

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
