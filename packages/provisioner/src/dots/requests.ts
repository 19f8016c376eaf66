import {
  DropletApiError,
  type CreateDroplet,
  type DropletActionType,
  type DropletApi,
  type FirewallRules,
} from "@lobstercontrol/core";
import { createDotsClient, type DotsFirewall, type DotsInformation } from "./dots-client.js";
import { everywhere } from "./firewall.ts";
import { oneOfEachKey } from "./one-of-each-key.ts";
import type { DotsRequest } from "./request.ts";

/** DigitalOcean's most. */
const perPage = 200;
const tagName = /^[a-zA-Z0-9_\-:]{1,255}$/;

/** Writes the request of each call. What cannot be written is a `DropletApiError`, and was not sent. */
export function createRequests(baseUrl: string) {
  const dots = createDotsClient(baseUrl);
  const page = (number: number) => ({ page: number, perPage });

  return {
    listDroplets: (tag: string, number: number) =>
      write("listDroplets", () =>
        dots.droplets.toGetRequestInformation({
          // Without a tag it would be a list of everything.
          queryParameters: { tagName: checkTag(tag), ...page(number) },
        }),
      ),
    getDroplet: (id: number) =>
      write("getDroplet", () => dots.droplets.byDroplet_id(checkId(id)).toGetRequestInformation()),
    createDroplet: ({ vpc, ...droplet }: CreateDroplet) =>
      write(
        "createDroplet",
        () =>
          dots.droplets.toPostRequestInformation({ ...droplet, ...(vpc === null ? {} : { vpcUuid: vpc }) }),
        droplet.userData,
      ),
    deleteDroplet: (id: number) =>
      write("deleteDroplet", () => dots.droplets.byDroplet_id(checkId(id)).toDeleteRequestInformation()),
    dropletAction: (id: number, type: DropletActionType) =>
      write("dropletAction", () =>
        dots.droplets.byDroplet_id(checkId(id)).actions.toPostRequestInformation({ type }),
      ),
    getAction: (id: number) =>
      write("getAction", () => dots.actions.byAction_id(checkId(id)).toGetRequestInformation()),
    listFirewalls: (number: number) =>
      write("listFirewalls", () => dots.firewalls.toGetRequestInformation({ queryParameters: page(number) })),
    createFirewall: (rules: FirewallRules) =>
      write("createFirewall", () => dots.firewalls.toPostRequestInformation(firewall(rules))),
    updateFirewall: (id: string, rules: FirewallRules) =>
      write("updateFirewall", () =>
        dots.firewalls.byFirewall_id(checkName(id)).toPutRequestInformation(firewall(rules)),
      ),
    deleteFirewall: (id: string) =>
      write("deleteFirewall", () => dots.firewalls.byFirewall_id(checkName(id)).toDeleteRequestInformation()),
    createTag: (name: string) =>
      write("createTag", () => dots.tags.toPostRequestInformation({ name: checkTag(name) })),
    deleteTag: (name: string) =>
      write("deleteTag", () => dots.tags.byTag_id(checkTag(name)).toDeleteRequestInformation()),
    listSshKeys: (number: number) =>
      write("listSshKeys", () =>
        dots.account.keys.toGetRequestInformation({ queryParameters: page(number) }),
      ),
    listSizes: (number: number) =>
      write("listSizes", () => dots.sizes.toGetRequestInformation({ queryParameters: page(number) })),
    listRegions: (number: number) =>
      write("listRegions", () => dots.regions.toGetRequestInformation({ queryParameters: page(number) })),
    getAccount: () => write("getAccount", () => dots.account.toGetRequestInformation()),
  } satisfies Record<keyof DropletApi, (...parameters: never[]) => DotsRequest>;
}

function firewall({ name, tags, inbound }: FirewallRules): DotsFirewall {
  return {
    name,
    tags,
    inboundRules: inbound.map(({ port, from }) => ({
      protocol: "tcp",
      ports: String(port),
      sources: { addresses: from },
    })),
    // What is not named may not go out.
    outboundRules: everywhere.map(({ protocol, ports, addresses }) => ({
      protocol,
      ports,
      destinations: { addresses: [...addresses] },
    })),
  };
}

function write(call: string, inform: () => DotsInformation, privateText: string | null = null): DotsRequest {
  try {
    const { httpMethod, URL: url, content } = inform();
    if (httpMethod === undefined) throw new TypeError("It has no method.");
    const body = content === undefined ? null : oneOfEachKey(new TextDecoder().decode(content));
    return { call, method: httpMethod, url, body, privateText };
  } catch (error) {
    throw new DropletApiError({
      outcome: "notSent",
      reason: "invalid",
      // Kiota's own words may hold what it was given.
      problem: `${call} could not be written.${error instanceof SyntaxError || error instanceof RangeError ? ` ${error.message}` : ""}`,
    });
  }
}

function checkTag(name: string): string {
  if (!tagName.test(name)) throw new RangeError("It needs a tag of letters, digits, _, - and :.");
  return name;
}

function checkId(id: number): number {
  if (!Number.isSafeInteger(id) || id <= 0) throw new RangeError("It needs an id above 0.");
  return id;
}

/** An id goes into the path, where it must stay one part of it. */
function checkName(id: string): string {
  if (!/^[\w-]{1,64}$/.test(id)) throw new RangeError("It needs an id of letters, digits, _ and -.");
  return id;
}
