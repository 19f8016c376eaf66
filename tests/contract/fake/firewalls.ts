import { notFound, pageOf, refuse, type Answer } from "./answer.ts";
import { addFirewall, type State } from "./state.ts";
import type { FakeFirewall, FakeRule } from "./types.ts";

/** What a firewall is made of, as it is sent. */
export interface FirewallBody {
  name: string;
  tags?: string[] | null;
  inbound_rules?: FakeRule[] | null;
  outbound_rules?: FakeRule[] | null;
  droplet_ids?: number[] | null;
}

export function listFirewalls(state: State, url: URL): Answer {
  return pageOf("firewalls", state.firewalls.map(show), url);
}

export function createFirewall(state: State, body: FirewallBody): Answer {
  return (
    check(state, body, null) ?? { status: 202, body: { firewall: show(addFirewall(state, toParts(body))) } }
  );
}

export function updateFirewall(state: State, id: string, body: FirewallBody): Answer {
  const firewall = state.firewalls.find((one) => one.id === id);
  if (firewall === undefined) return notFound;
  const refused = check(state, body, id);
  if (refused !== null) return refused;
  Object.assign(firewall, toParts(body));
  return { status: 200, body: { firewall: show(firewall) } };
}

export function deleteFirewall(state: State, id: string): Answer {
  const at = state.firewalls.findIndex((one) => one.id === id);
  if (at < 0) return notFound;
  state.firewalls.splice(at, 1);
  return { status: 204 };
}

function check(
  state: State,
  { name, tags, inbound_rules, outbound_rules }: FirewallBody,
  own: string | null,
): Answer | null {
  if (state.firewalls.some((one) => one.name === name && one.id !== own))
    return refuse(409, "duplicate name");
  const missing = (tags ?? []).find((tag) => !state.tags.has(tag));
  if (missing !== undefined) return refuse(422, `tag ${missing} does not exist`);
  if ((inbound_rules ?? []).length + (outbound_rules ?? []).length === 0)
    return refuse(422, "at least one rule is required");
  return null;
}

function toParts(body: FirewallBody): Omit<FakeFirewall, "id" | "createdAt"> {
  return {
    name: body.name,
    tags: body.tags ?? [],
    droplet_ids: body.droplet_ids ?? [],
    inbound_rules: (body.inbound_rules ?? []).map(normalise),
    outbound_rules: (body.outbound_rules ?? []).map(normalise),
  };
}

/** DigitalOcean answers every port with `0`, whatever it was called. */
function normalise(rule: FakeRule): FakeRule {
  return { ...rule, ports: rule.ports === "all" || rule.protocol === "icmp" ? "0" : rule.ports };
}

function show({ createdAt, ...firewall }: FakeFirewall): unknown {
  return {
    ...firewall,
    status: "succeeded",
    created_at: new Date(createdAt).toISOString(),
    pending_changes: [],
  };
}
