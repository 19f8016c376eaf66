import type { Firewall } from "@lobstercontrol/core";
import { z } from "zod";

const anywhere = ["0.0.0.0/0", "::/0"] as const;

/** All that may go out, in DigitalOcean's words for it. It answers every `all` with `0`. */
export const everywhere = [
  { protocol: "tcp", ports: "all", addresses: anywhere },
  { protocol: "udp", ports: "all", addresses: anywhere },
  // Has no ports, and must name some.
  { protocol: "icmp", ports: "0", addresses: anywhere },
] as const;

const ends = z.looseObject({ addresses: z.array(z.string()).nullish() }).nullish();
const rule = z.object({ protocol: z.string(), ports: z.string().nullish() });
const inboundRule = rule.extend({ sources: ends });
const outboundRule = rule.extend({ destinations: ends });
type Ends = z.infer<typeof ends>;

/** A firewall, which may be anybody's. */
export const firewall = z
  .object({
    id: z.string().min(1),
    name: z.string(),
    tags: z.array(z.string()).nullish(),
    inbound_rules: z.array(inboundRule).nullish(),
    outbound_rules: z.array(outboundRule).nullish(),
  })
  .transform((found): Firewall => {
    const inbound = found.inbound_rules ?? [];
    const outbound = found.outbound_rules ?? [];
    const known = inbound.filter(isKnown);
    return {
      id: found.id,
      name: found.name,
      tags: found.tags ?? [],
      inbound: known.map(({ ports, sources }) => ({ port: Number(ports), from: sources?.addresses ?? [] })),
      exact: known.length === inbound.length && outbound.length === everywhere.length && letsOut(outbound),
    };
  });

/** One TCP port, for addresses alone. */
function isKnown({ protocol, ports, sources }: z.infer<typeof inboundRule>): boolean {
  return protocol === "tcp" && /^[1-9]\d{0,4}$/.test(ports ?? "") && isAddressesAlone(sources);
}

function letsOut(outbound: z.infer<typeof outboundRule>[]): boolean {
  return everywhere.every(({ protocol, addresses }) =>
    outbound.some(
      ({ protocol: other, ports, destinations }) =>
        other === protocol &&
        ["0", "all", "", null, undefined].includes(ports) &&
        isAddressesAlone(destinations) &&
        addresses.every((address) => destinations?.addresses?.includes(address)),
    ),
  );
}

/** DigitalOcean also knows droplets, tags, load balancers and clusters. */
function isAddressesAlone(target: Ends): boolean {
  return Object.entries(target ?? {}).every(
    ([kind, list]) => kind === "addresses" || !Array.isArray(list) || list.length === 0,
  );
}
