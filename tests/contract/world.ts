import type { DropletApi, Logger } from "@lobstercontrol/core";
import { createFakeClock, type FakeClock } from "@lobstercontrol/core/testing";
import { createDotsApi, type DotsApiOptions } from "@lobstercontrol/provisioner/dots";
import { expect } from "vitest";
import { createContract, type Contract } from "./fake/contract.ts";
import { createDigitalOceanFake } from "./fake/create-digital-ocean-fake.ts";
import { documentFile } from "./fake/document.ts";
import type { DigitalOceanFake, DigitalOceanFakeOptions, FaultKind } from "./fake/types.ts";

/** Assembled, so that nothing that looks like a token stands in the repository. */
export const token = ["dop", "v1", "c0ffee".repeat(10)].join("_");
export const tag = "lobster:acme:1";

/** Without the document there is nothing to hold anything to. */
export const hasDocument = documentFile !== null;
let contract: Promise<Contract> | undefined;

/** DigitalOcean with some things in it, and a client of it. */
export interface World {
  clock: FakeClock;
  fake: DigitalOceanFake;
  api: DropletApi;
  dropletId: number;
  actionId: number;
  firewallId: string;
  /** What the client logged. */
  lines: unknown[];
  /** Forgets the requests so far. */
  sent(): { method: string; path: string; text: string }[];
}

/** Makes a world, by DigitalOcean's document. */
export async function createWorld(
  options: Partial<DigitalOceanFakeOptions & DotsApiOptions> = {},
): Promise<World> {
  contract ??= createContract(documentFile ?? "");
  const clock = createFakeClock();
  const fake = createDigitalOceanFake({ clock, contract: await contract, token, ...options });
  fake.add.sshKey("admin");
  const dropletId = fake.add.droplet({ name: "acme", tags: [tag] }).id;
  const actionId = fake.actions()[0]?.id ?? 0;
  const firewallId = fake.add.firewall({ name: "lobster-acme", tags: [tag] }).id;
  clock.advance(60_000);
  const lines: unknown[] = [];
  const log: Logger["info"] = (...line) => void lines.push(line);
  const api = createDotsApi({
    token,
    fetch: fake.fetch,
    clock,
    logger: { debug: log, info: log, warn: log, error: log },
    ...options,
  });
  return {
    clock,
    fake,
    api,
    dropletId,
    actionId,
    firewallId,
    lines,
    sent: () => fake.requests.map(({ method, path, text }) => ({ method, path, text })),
  };
}

/** Every call of the port, in a world. */
export const calls: { [Call in keyof DropletApi]: (world: World) => Promise<unknown> } = {
  listDroplets: ({ api }) => api.listDroplets(tag),
  getDroplet: ({ api, dropletId }) => api.getDroplet(dropletId),
  createDroplet: ({ api }) => api.createDroplet(newDroplet()),
  deleteDroplet: ({ api, dropletId }) => api.deleteDroplet(dropletId),
  dropletAction: ({ api, dropletId }) => api.dropletAction(dropletId, "reboot"),
  getAction: ({ api, actionId }) => api.getAction(actionId),
  listFirewalls: ({ api }) => api.listFirewalls(),
  createFirewall: ({ api }) => api.createFirewall({ name: "lobster-new", tags: [tag], inbound: [] }),
  updateFirewall: ({ api, firewallId }) =>
    api.updateFirewall(firewallId, {
      name: "lobster-acme",
      tags: [tag],
      inbound: [{ port: 22, from: ["203.0.113.0/24", "2001:db8::/32"] }],
    }),
  deleteFirewall: ({ api, firewallId }) => api.deleteFirewall(firewallId),
  createTag: ({ api }) => api.createTag("lobster:acme:2"),
  deleteTag: ({ api }) => api.deleteTag(tag),
  listSshKeys: ({ api }) => api.listSshKeys(),
  listSizes: ({ api }) => api.listSizes(),
  listRegions: ({ api }) => api.listRegions(),
  getAccount: ({ api }) => api.getAccount(),
};
export const callNames = Object.keys(calls) as (keyof DropletApi)[];

/** By these DigitalOcean says that it did nothing, or something else answers that never asked it. */
export const refusing: ReadonlySet<FaultKind> = new Set<FaultKind>([
  "429",
  "429-hourly",
  "401",
  "403",
  "409",
  "422",
  "html404",
  "redirect",
]);

/** A droplet to ask for. */
export function newDroplet(parts: Partial<Parameters<DropletApi["createDroplet"]>[0]> = {}) {
  return {
    name: "acme-2",
    region: "fra1",
    size: "s-1vcpu-2gb",
    image: "debian-13-x64",
    userData: "#cloud-config\n",
    tags: [tag, "lobster:attempt:2"],
    sshKeys: [],
    vpc: null,
    ipv6: false,
    monitoring: true,
    backups: false,
    ...parts,
  };
}

/** No request and no answer was other than the document has it. */
export function expectByTheDocument({ fake }: World): void {
  expect(fake.violations).toEqual([]);
}
