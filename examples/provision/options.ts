import { parseArgs } from "node:util";
import { Secret } from "@lobstercontrol/core";

/** What was asked for. */
export interface ProvisionOptions {
  /** What to do. */
  what: "plan" | "provision" | "destroy";
  /** DigitalOcean's; null without one. */
  token: Secret | null;
  /** Where DigitalOcean's API is: null for DigitalOcean itself. */
  apiUrl: string | null;
  account: string;
  region: string;
  size: string | null;
  adminCidrs: string[];
  /** Where droplets reach the control plane that this example serves on `port`. */
  controlPlaneUrl: string;
  port: number;
  gatewayImage: string;
  runtimeImage: string;
  /** The database file. */
  db: string;
}

/** The command cannot be understood. The message says how to put it right. */
export class UsageError extends Error {}

const examples = {
  url: "https://platform.example.com/lobster",
  gateway: "registry.example.com/openclaw:2026.9.6",
  runtime: "registry.example.com/lobster-runtime:1.0.0",
};

export const help = `pnpm example provision [options]

  --dry-run               shows plan, cost and user-data, and does nothing; needs no token
  (no option)             with DIGITALOCEAN_TOKEN: creates a droplet, after asking, and waits until it calls home
  --destroy               with DIGITALOCEAN_TOKEN: deletes the account's droplet

  --account ID            whose droplet: acme by default
  --region SLUG           where: fra1 by default
  --size SLUG             the cheapest size with 2 GiB by default
  --admin-cidr CIDR       who may reach SSH, such as 203.0.113.7/32; nobody by default; may be repeated
  --url URL               where the droplet reaches this control plane: https, with a path if you like
  --port NUMBER           where this example serves it, behind your proxy for TLS: 8787 by default
  --gateway-image IMAGE   the OpenClaw gateway, by version or digest
  --runtime-image IMAGE   the runtime, likewise
  --db FILE               the database: provision.db by default; --destroy needs the same one
  --help                  this text

DIGITALOCEAN_API_URL says where DigitalOcean's API is, for a proxy that all traffic has to take.`;

/**
 * Reads the command line, then the environment.
 *
 * @throws {UsageError} with one sentence and the way out
 */
export function readOptions(args: string[], env: NodeJS.ProcessEnv): ProvisionOptions | "help" {
  const values = parse(args);
  if (values.help === true) return "help";
  const what = values["dry-run"] === true ? "plan" : values.destroy === true ? "destroy" : "provision";
  const token = env["DIGITALOCEAN_TOKEN"] ?? "";
  if (what !== "plan" && token === "")
    throw new UsageError("This needs DIGITALOCEAN_TOKEN; to see what it would do without, add --dry-run.");
  const { url, "gateway-image": gatewayImage, "runtime-image": runtimeImage } = values;
  if (what === "provision" && (url === undefined || gatewayImage === undefined || runtimeImage === undefined))
    throw new UsageError("A real droplet needs --url, --gateway-image and --runtime-image. See --help.");
  const port = Number(values.port ?? "8787");
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new UsageError("--port takes a number from 1 to 65535.");
  return {
    what,
    token: token === "" ? null : new Secret(token),
    apiUrl: env["DIGITALOCEAN_API_URL"] || null,
    account: values.account ?? "acme",
    region: values.region ?? "fra1",
    size: values.size ?? null,
    adminCidrs: values["admin-cidr"] ?? [],
    controlPlaneUrl: url ?? examples.url,
    port,
    gatewayImage: gatewayImage ?? examples.gateway,
    runtimeImage: runtimeImage ?? examples.runtime,
    db: values.db ?? "provision.db",
  };
}

function parse(args: string[]) {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  try {
    return parseArgs({
      args,
      options: {
        "dry-run": flag,
        destroy: flag,
        help: flag,
        account: text,
        region: text,
        size: text,
        "admin-cidr": { ...text, multiple: true },
        url: text,
        port: text,
        "gateway-image": text,
        "runtime-image": text,
        db: text,
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split(". ")[0]}. See pnpm example provision --help.`);
  }
}
