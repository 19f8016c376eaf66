import { refuse, type Answer } from "./answer.ts";
import { failWith } from "./faults.ts";
import { createRateLimit } from "./rate-limit.ts";
import { routes, type Route } from "./routes.ts";
import { addDroplet, addFirewall, createState } from "./state.ts";
import type { DigitalOceanFake, DigitalOceanFakeOptions, Fault, SeenRequest } from "./types.ts";

/**
 * Makes an imitation of DigitalOcean that keeps what it is given: droplets with their tags and actions, firewalls, keys,
 * limits. It lives in the clock's time, and lets things go wrong as asked.
 *
 * With a contract, each request and each answer is held to DigitalOcean's own document, its own answers included.
 */
export function createDigitalOceanFake(options: DigitalOceanFakeOptions): DigitalOceanFake {
  const { clock, contract = null, token, scopes = null } = options;
  const state = createState({
    clock,
    tagLagMs: options.tagLagMs ?? 0,
    bootMs: options.bootMs ?? 40_000,
    actionMs: options.actionMs ?? 5_000,
    dropletLimit: options.dropletLimit ?? 25,
  });
  const rateLimit = createRateLimit(clock, options.rateLimit ?? { perHour: 5_000, perMinute: 250 });
  const requests: SeenRequest[] = [];
  const violations: string[] = [];
  const faults: Required<Fault>[] = [];

  /** What DigitalOcean would answer. */
  const answer = (
    seen: SeenRequest,
    route: Route | null,
    url: URL,
  ): { status: number; headers: Headers; text: string } => {
    const { headers: limits, refused } = rateLimit.take(seen.operation);
    const problems = contract?.checkRequest(seen) ?? [];
    violations.push(...problems);
    const run = (): Answer => {
      if (!isAuthorized(seen)) return refuse(401, "Unable to authenticate you");
      if (refused !== null) return refused;
      if (route === null) return refuse(404, "The resource you were accessing could not be found.");
      if (problems.length > 0) return refuse(422, problems.join("; "));
      const missing = missingScope(seen);
      if (missing !== null) return refuse(403, `You are missing the required permission ${missing}`);
      const id = decodeURIComponent(route.path.exec(url.pathname)?.[1] ?? "");
      return route.run(state, { url, id, body: seen.text === "" ? null : JSON.parse(seen.text) });
    };
    const { status, body } = run();
    const headers = new Headers({
      ...limits,
      "x-request-id": requestId(requests.length),
      // Where there is no body, too: DigitalOcean has it so.
      "content-type": "application/json; charset=utf-8",
    });
    const text = body === undefined ? "" : JSON.stringify(body);
    violations.push(...(contract?.checkAnswer(seen, { status, headers, text }) ?? []));
    return { status, headers, text };
  };
  const isAuthorized = ({ headers }: SeenRequest): boolean => {
    const authorization = headers.get("authorization") ?? "";
    return token === undefined ? /^Bearer .+/.test(authorization) : authorization === `Bearer ${token}`;
  };
  const missingScope = (seen: SeenRequest): string | null =>
    scopes === null
      ? null
      : (contract?.operationOf(seen)?.scopes.find((scope) => !scopes.includes(scope)) ?? null);
  const takeFault = (operation: string | null): Required<Fault> | null => {
    const fault = faults.find(
      (one) => one.times > 0 && (one.operation === null || one.operation === operation),
    );
    if (fault === undefined) return null;
    fault.times -= 1;
    return fault;
  };

  return {
    requests,
    violations,
    fail: (fault) =>
      void faults.push({
        operation: null,
        effect: false,
        times: 1,
        message: "Something went wrong.",
        ...fault,
      }),
    droplets: () => state.droplets.filter(({ deletedAt }) => deletedAt === null),
    firewalls: () => state.firewalls,
    actions: () => state.actions,
    tags: () => [...state.tags],
    sellOut: (size, region) => void state.soldOut.add(`${size}/${region}`),
    add: {
      droplet: (parts = {}) =>
        addDroplet(state, {
          name: "by-hand",
          region: "fra1",
          size: "s-1vcpu-2gb",
          image: "debian-13-x64",
          tags: [],
          userData: "",
          sshKeys: [],
          vpc: null,
          ipv6: false,
          monitoring: false,
          backups: false,
          ...parts,
        }).droplet,
      firewall: (parts) =>
        addFirewall(state, { tags: [], inbound_rules: [], outbound_rules: [], droplet_ids: [], ...parts }),
      sshKey(name) {
        const id = state.nextId();
        const fingerprint = Array.from({ length: 16 }, (_, at) =>
          ((id + at) % 256).toString(16).padStart(2, "0"),
        ).join(":");
        state.sshKeys.push({ id, name, fingerprint, public_key: `ssh-ed25519 AAAA ${name}` });
        return { id, fingerprint };
      },
    },
    async fetch(input, init) {
      const request = new Request(input, init);
      const url = new URL(request.url);
      const route =
        routes.find(({ method, path }) => method === request.method && path.test(url.pathname)) ?? null;
      const seen: SeenRequest = {
        method: request.method,
        path: `${url.pathname}${url.search}`,
        operation: route?.operation ?? null,
        headers: request.headers,
        text: await request.text(),
      };
      requests.push(seen);
      const fault = takeFault(seen.operation);
      const answered = fault === null || fault.effect ? answer(seen, route, url) : null;
      if (fault !== null) return failWith(fault, answered, { seen, signal: request.signal, clock });
      const { status, headers, text } = answered!;
      return new Response(status === 204 ? null : text, { status, headers });
    },
  };
}

function requestId(number: number): string {
  return `00000000-0000-4000-9000-${String(number).padStart(12, "0")}`;
}
