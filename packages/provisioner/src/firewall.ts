import {
  hashToken,
  Secret,
  type DropletApi,
  type DropletSpec,
  type Firewall,
  type FirewallRules,
} from "@lobstercontrol/core";
import type { Tags } from "./tags.ts";

const ssh = 22;

/**
 * The firewall that stands before droplets of a spec: nothing comes in, or SSH from the spec's CIDRs. It is named after its
 * rules and shared by all droplets with the same, since DigitalOcean allows few firewalls and takes no money for them; so
 * none is ever deleted, either.
 */
export async function firewallFor(tags: Tags, { adminCidrs }: DropletSpec): Promise<FirewallRules> {
  const from = [...new Set(adminCidrs)].toSorted();
  const rules =
    from.length === 0 ? "closed" : `ssh-${(await hashToken(new Secret(from.join(" ")))).slice(0, 16)}`;
  const tag = tags.firewall(rules);
  return {
    name: tag.replaceAll(":", "-"),
    tags: [tag],
    inbound: from.length === 0 ? [] : [{ port: ssh, from }],
  };
}

/**
 * Makes a firewall stand, and do what it is to do: before the first droplet that carries its tag is created. Two calls when
 * it is there, three when it is not, or somebody has changed it.
 */
export async function ensureFirewall(api: DropletApi, rules: FirewallRules): Promise<void> {
  for (const tag of rules.tags) await api.createTag(tag);
  const known = (await api.listFirewalls()).find(({ name }) => name === rules.name);
  if (known === undefined) await api.createFirewall(rules);
  else if (!does(known, rules)) await api.updateFirewall(known.id, rules);
}

const does = (firewall: Firewall, rules: FirewallRules): boolean =>
  firewall.exact && canonical(firewall) === canonical(rules);

const canonical = ({ tags, inbound }: FirewallRules): string =>
  JSON.stringify([
    tags.toSorted(),
    inbound.map(({ port, from }) => `${port} ${from.toSorted().join(" ")}`).toSorted(),
  ]);
