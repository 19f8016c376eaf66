import {
  DropletApiError,
  InvalidInputError,
  Secret,
  silentLogger,
  systemClock,
  type Clock,
  type DropletApi,
  type Logger,
} from "@lobstercontrol/core";
import type { z } from "zod";
import { answers } from "./answers.ts";
import { createExchange, type Done } from "./exchange.ts";
import { createList } from "./list.ts";
import { read } from "./read.ts";
import type { DotsRequest } from "./request.ts";
import { createRequests } from "./requests.ts";

const defaultTimeoutMs = 30_000;

/** What {@link createDotsApi} needs. */
export interface DotsApiOptions {
  /** A token of DigitalOcean's API; `docs/digitalocean.md` names the scopes that it needs. */
  token: string | Secret;
  /** Default: `https://api.digitalocean.com`. Anything but https is for loopback alone. */
  baseUrl?: string | URL;
  /** How long one request may take, its answer included, in milliseconds. Default: 30 seconds. */
  timeoutMs?: number;
  /** Default: the global `fetch`, as it is at each call. */
  fetch?: typeof globalThis.fetch;
  /** Default: the machine's. */
  clock?: Clock;
  /** Is told each request: the call, the status, DigitalOcean's request id, how long it took. Default: nobody. */
  logger?: Logger;
}

/**
 * DigitalOcean's API, through its official client.
 *
 * Each call is sent once. Nothing is repeated, and nothing waits: what would go over DigitalOcean's limits (240 requests a
 * minute here, ten a minute for `listSshKeys`, and whatever an answer asked for) is a `DropletApiError` with the reason
 * `rateLimited` that was not sent. The count is this object's: make one for each token, not one for each call.
 *
 * @throws {InvalidInputError} `ERR_INVALID_INPUT` when the token or the address cannot be used
 *
 * @example
 * ```ts
 * import { createDotsApi } from "@lobstercontrol/provisioner/dots";
 *
 * const api = createDotsApi({ token: process.env["DIGITALOCEAN_TOKEN"] ?? "" });
 * const { dropletLimit } = await api.getAccount();
 * console.log(dropletLimit);
 * ```
 */
export function createDotsApi(options: DotsApiOptions): DropletApi {
  const requests = createRequests(checkBaseUrl(options.baseUrl ?? "https://api.digitalocean.com"));
  const exchange = createExchange({
    token: checkToken(options.token),
    timeoutMs: options.timeoutMs ?? defaultTimeoutMs,
    // Looked up at each call, so that a global fetch that is replaced later is respected.
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    clock: options.clock ?? systemClock,
    logger: options.logger ?? silentLogger,
  });

  const done = async (request: DotsRequest): Promise<Done> => {
    const found = await exchange(request);
    if (found === null) throw notThere(request.call);
    return found;
  };
  const get = async <Thing>(request: DotsRequest, schema: z.ZodType<Thing>): Promise<Thing | null> => {
    const found = await exchange(request);
    return found === null ? null : read(request.call, found, schema);
  };
  const make = async <Thing>(request: DotsRequest, schema: z.ZodType<Thing>): Promise<Thing> =>
    read(request.call, await done(request), schema);
  // One that is gone already is what was wanted.
  const remove = async (request: DotsRequest): Promise<void> => void (await exchange(request));
  const list = createList(done);

  return {
    listDroplets: async (tag) =>
      list(
        (number) => requests.listDroplets(tag, number),
        answers.droplets,
        ({ id }) => id,
      ),
    getDroplet: async (id) => get(requests.getDroplet(id), answers.droplet),
    createDroplet: async (request) => make(requests.createDroplet(request), answers.droplet),
    deleteDroplet: async (id) => remove(requests.deleteDroplet(id)),
    dropletAction: async (id, type) => make(requests.dropletAction(id, type), answers.action),
    getAction: async (id) => get(requests.getAction(id), answers.action),
    listFirewalls: async () => list(requests.listFirewalls, answers.firewalls, ({ id }) => id),
    createFirewall: async (rules) => make(requests.createFirewall(rules), answers.firewall),
    updateFirewall: async (id, rules) => make(requests.updateFirewall(id, rules), answers.firewall),
    deleteFirewall: async (id) => remove(requests.deleteFirewall(id)),
    async createTag(name) {
      try {
        await done(requests.createTag(name));
      } catch (error) {
        // It is there, which is what was wanted.
        if (!DropletApiError.isInstance(error) || error.reason !== "conflict") throw error;
      }
    },
    deleteTag: async (name) => remove(requests.deleteTag(name)),
    listSshKeys: async () => list(requests.listSshKeys, answers.sshKeys, ({ id }) => id),
    listSizes: async () => list(requests.listSizes, answers.sizes, ({ slug }) => slug),
    listRegions: async () => list(requests.listRegions, answers.regions, ({ slug }) => slug),
    getAccount: async () => make(requests.getAccount(), answers.account),
  };
}

/** What the path names is not there, and the call makes no sense without it. */
function notThere(call: string): DropletApiError {
  return new DropletApiError({
    outcome: "refused",
    reason: "conflict",
    problem: `${call} was answered with status 404: what it is for is not there (any more).`,
    status: 404,
  });
}

function checkToken(token: string | Secret): Secret {
  const secret = typeof token === "string" ? new Secret(token) : token;
  if (!/^[\x21-\x7e]+$/.test(secret.reveal()))
    throw new InvalidInputError({
      field: "token",
      problem: "must be visible ASCII characters without spaces",
    });
  return secret;
}

function checkBaseUrl(baseUrl: string | URL): string {
  const field = "baseUrl";
  const text = String(baseUrl);
  if (!URL.canParse(text)) throw new InvalidInputError({ field, problem: "is not a URL" });
  const { protocol, hostname, username, password, search, hash, href } = new URL(text);
  // The token goes along.
  if (protocol !== "https:" && !(protocol === "http:" && isLoopback(hostname)))
    throw new InvalidInputError({ field, problem: "must begin with https://, except on loopback" });
  if (username !== "" || password !== "" || search !== "" || hash !== "")
    throw new InvalidInputError({ field, problem: "must have no user, password, query or fragment" });
  return href.replace(/\/+$/, "");
}

/** A name that only looks like loopback is resolved by somebody else. */
function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
}
