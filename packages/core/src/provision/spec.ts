import { z } from "zod";

const slug = z.string().regex(/^[a-z0-9][a-z0-9.-]{0,63}$/, "must be a slug of DigitalOcean, such as fra1");
const cidr = z.union([z.cidrv4("must be a CIDR"), z.cidrv6("must be a CIDR")]);

/** Checks what an account's droplet is to be. */
export const dropletSpec = z.strictObject({
  region: slug,
  size: slug.nullable().default(null),
  image: slug.default("debian-13-x64"),
  fallbacks: z
    .array(z.strictObject({ region: slug.exactOptional(), size: slug.exactOptional() }))
    .max(16)
    .default([]),
  sshKeys: z
    .array(
      z.union([z.int().min(1), z.string().regex(/^[0-9a-f]{2}(:[0-9a-f]{2}){15}$/, "must be a fingerprint")]),
    )
    .max(32)
    .default([]),
  vpc: z.uuid().nullable().default(null),
  ipv6: z.boolean().default(false),
  monitoring: z.boolean().default(true),
  backups: z.boolean().default(false),
  tags: z
    .array(z.string().regex(/^[a-zA-Z0-9_:-]{1,255}$/, "must be of a-z, A-Z, 0-9, _, : and -"))
    .max(16)
    .default([]),
  adminCidrs: z.array(cidr).max(32).default([]),
});

/**
 * What an account's droplet is to be. Only `region` must be said.
 *
 * - `region`: where, such as `fra1`
 * - `size`: such as `s-1vcpu-2gb`; null, the default, for the cheapest there that has 2 GiB
 * - `image`: `debian-13-x64` by default
 * - `fallbacks`: what to try when DigitalOcean has no capacity: another region, another size, or both
 * - `sshKeys`: ids or MD5 fingerprints of keys that DigitalOcean has
 * - `vpc`: null for the region's default
 * - `ipv6`, `monitoring` (on by default), `backups` (which DigitalOcean charges for)
 * - `tags`: more tags of yours
 * - `adminCidrs`: who may reach SSH; nobody by default
 */
export type DropletSpecInput = z.input<typeof dropletSpec>;
/** What an account's droplet is to be, checked and complete; see {@link DropletSpecInput}. */
export type DropletSpec = z.output<typeof dropletSpec>;
