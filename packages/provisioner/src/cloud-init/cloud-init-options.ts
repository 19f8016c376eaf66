import { accountId, parse, type Secret } from "@lobstercontrol/core";
import { z } from "zod";
import type { DockerSource, DropletImage } from "./images.ts";

/** What {@link renderCloudInit} makes a first boot from. Each value ends up in the user-data, so but for the token none is secret. */
export interface CloudInitOptions {
  /** Whose server it is. It is written down on the droplet for people; the control plane knows it by the token. */
  account: string;
  /**
   * Where the control plane serves `createRuntimeHandler`, with its prefix: `https://platform.example.com/lobster`. The droplet
   * reports the phases of its first boot there. Plain `http` is for loopback alone.
   */
  controlPlaneUrl: string;
  /** The deployment, when the control plane is on Convex: the runtime then prefers it. */
  convexUrl?: string;
  /** The only credential in the user-data; it is there once. */
  bootstrapToken: Secret;
  /** The gateway's image: by digest, or by a tag that is not `latest`. */
  gatewayImage: string;
  /** The runtime's image, likewise. */
  runtimeImage: string;
  /** What the droplet is made from. Default: `debian-13-x64`. */
  image?: DropletImage;
  /**
   * Where Docker comes from. Default: `distribution`. Debian 12 has no compose v2, so that it needs `official`: Docker's own
   * repository, whose key is taken by its fingerprint.
   */
  docker?: DockerSource;
  /** Becomes its host name. Default: the droplet's name. */
  hostname?: string;
  /** A swap file, in MiB, from 0 for none. Default: 2048, which the smallest sizes need. */
  swapMib?: number;
  /** Who may log in as root, beside the keys that the droplet is created with: lines of `authorized_keys` without options. */
  adminSshKeys?: readonly string[];
}

const url = z
  .string()
  .max(2_048)
  .refine((text) => URL.canParse(text), "is not a URL")
  .refine(isSafeOrigin, "must begin with https://, except on loopback")
  .refine(hasPathOnly, "must have no user, password, query or fragment")
  .transform((text) => new URL(text).href.replace(/\/+$/, ""))
  .pipe(z.string().regex(/^[\w.~:/[\]@!$&()*+,;=%-]+$/, "has characters that are not usual in a URL"));

const imageReference = z
  .string()
  .max(512)
  .regex(
    /^[a-z0-9]+(?:[.-][a-z0-9]+)*(?::\d{1,5})?(?:\/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*(?::\w[\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/,
    "is no image reference",
  )
  .regex(/@sha256:|\/[^/]*:|^[^/]*:[^/]*$/, "must name a digest or a version")
  .regex(/^(?!.*:latest$)/, "must name a version that does not move");

const hostname = z
  .string()
  .max(253)
  .regex(
    /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i,
    "is no host name",
  );

const sshKey = z
  .string()
  .max(8_192)
  .regex(
    /^(?:ssh-(?:ed25519|rsa)|ecdsa-sha2-nistp\d{3}|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com) [A-Za-z0-9+/]+={0,2}(?: [ -~]*)?$/,
    "is no public key of SSH on one line",
  );

const options = z.object({
  account: accountId,
  controlPlaneUrl: url,
  convexUrl: url.exactOptional(),
  bootstrapToken: z.custom<Secret>(
    isToken,
    "must be a Secret of printable ASCII without spaces, at most 512",
  ),
  gatewayImage: imageReference,
  runtimeImage: imageReference,
  image: z.enum(["debian-12-x64", "debian-13-x64", "ubuntu-24-04-x64"]).default("debian-13-x64"),
  docker: z.enum(["distribution", "official"]).default("distribution"),
  hostname: hostname.exactOptional(),
  swapMib: z.int().min(0).max(65_536).default(2_048),
  adminSshKeys: z.array(sshKey).max(64).default([]),
});

/** @throws {InvalidInputError} `ERR_INVALID_INPUT`, which names the field and never the value */
export const parseCloudInitOptions = (input: CloudInitOptions) => parse(options, input, "cloudInit");

function isToken(value: unknown): boolean {
  // Not by its class: there may be two copies of core.
  if (typeof value !== "object" || value === null || !("reveal" in value)) return false;
  const token = typeof value.reveal === "function" ? (value.reveal() as unknown) : undefined;
  return typeof token === "string" && /^[\x21-\x7e]{1,512}$/.test(token);
}

/** A token may be sent there. A name that only looks like loopback is resolved by somebody else. */
function isSafeOrigin(text: string): boolean {
  if (!URL.canParse(text)) return true;
  const { protocol, hostname: host } = new URL(text);
  return (
    protocol === "https:" ||
    (protocol === "http:" && (host === "localhost" || host === "[::1]" || /^127(\.\d+){3}$/.test(host)))
  );
}

function hasPathOnly(text: string): boolean {
  if (!URL.canParse(text)) return true;
  const { username, password, search, hash } = new URL(text);
  return username === "" && password === "" && search === "" && hash === "";
}
