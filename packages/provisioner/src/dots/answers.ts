import type {
  Droplet,
  DropletAccount,
  DropletAction,
  DropletRegion,
  DropletSize,
  DropletSshKey,
} from "@lobstercontrol/core";
import { z } from "zod";
import { firewall } from "./firewall.ts";

// What is read of DigitalOcean's answers, and nothing else: a field that is not used cannot break anything.

const id = z.int().positive();

const droplet = z
  .object({
    id,
    name: z.string(),
    status: z.enum(["new", "active", "off", "archive"]),
    tags: z.array(z.string()).nullish(),
    created_at: z.string(),
    region: z.object({ slug: z.string() }),
    size_slug: z.string(),
    networks: z
      .object({ v4: z.array(z.object({ ip_address: z.string(), type: z.string() })).nullish() })
      .nullish(),
  })
  .transform((found): Droplet => ({
    id: found.id,
    name: found.name,
    status: found.status,
    tags: found.tags ?? [],
    createdAt: found.created_at,
    region: found.region.slug,
    size: found.size_slug,
    ipv4: found.networks?.v4?.find(({ type }) => type === "public")?.ip_address ?? null,
  }));

const action = z.object({
  id,
  status: z.enum(["in-progress", "completed", "errored"]),
}) satisfies z.ZodType<DropletAction>;

const sshKey = z.object({
  id,
  fingerprint: z.string(),
  name: z.string(),
}) satisfies z.ZodType<DropletSshKey>;

const size = z
  .object({
    slug: z.string(),
    memory: z.number(),
    vcpus: z.number(),
    disk: z.number(),
    price_monthly: z.number(),
    regions: z.array(z.string()),
    available: z.boolean(),
  })
  .transform((found): DropletSize => ({
    slug: found.slug,
    memoryMib: found.memory,
    vcpus: found.vcpus,
    diskGib: found.disk,
    priceMonthly: found.price_monthly,
    regions: found.regions,
    available: found.available,
  }));

const region = z.object({
  slug: z.string(),
  // Not shown to a token that may not read sizes.
  sizes: z
    .array(z.string())
    .nullish()
    .transform((sizes) => sizes ?? []),
  available: z.boolean(),
}) satisfies z.ZodType<DropletRegion>;

const account = z
  .object({
    uuid: z.string(),
    team: z.object({ uuid: z.string() }).nullish(),
    status: z.string(),
    droplet_limit: z.number(),
  })
  .transform((found): DropletAccount => ({
    uuid: found.team?.uuid ?? found.uuid,
    status: found.status,
    dropletLimit: found.droplet_limit,
  }));

/** What each kind of answer holds. */
export const answers = {
  account: z.object({ account }).transform((answer) => answer.account),
  action: z.object({ action }).transform((answer) => answer.action),
  droplet: z.object({ droplet }).transform((answer) => answer.droplet),
  droplets: z.object({ droplets: z.array(droplet) }).transform((answer) => answer.droplets),
  firewall: z.object({ firewall }).transform((answer) => answer.firewall),
  firewalls: z.object({ firewalls: z.array(firewall) }).transform((answer) => answer.firewalls),
  regions: z.object({ regions: z.array(region) }).transform((answer) => answer.regions),
  sizes: z.object({ sizes: z.array(size) }).transform((answer) => answer.sizes),
  sshKeys: z.object({ ssh_keys: z.array(sshKey) }).transform((answer) => answer.ssh_keys),
};

/** What each page of a list says of the list. */
export const page = z.object({
  links: z.object({ pages: z.object({ next: z.string().optional() }).nullish() }).nullish(),
  meta: z.object({ total: z.int() }),
});

/** What DigitalOcean says when it does not do something, in any of its dialects. */
export const refusal = z.object({
  id: z.string().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
  error: z.string().optional().catch(undefined),
  root_causes: z.array(z.string()).optional().catch(undefined),
  request_id: z.string().optional().catch(undefined),
  error_attributes: z.record(z.string(), z.unknown()).optional().catch(undefined),
});
