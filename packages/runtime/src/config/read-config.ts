import { dirname } from "node:path";
import type { ProviderKeySet, Secret } from "@lobstercontrol/core";
import { ConfigInvalidError, type ConfigProblem } from "./errors.ts";
import { readTokenFile } from "./token-file.ts";
import { providerOf, variables, type Variables } from "./variables.ts";

/** Environment variables, such as `process.env`. */
export type Env = Readonly<Record<string, string | undefined>>;

/** A secret that is here already, or that the first start makes and stores in the file. */
export type TokenSource = { token: Secret; file: string | null } | { token: null; file: string };

/** What the program is told by its environment. */
export interface RuntimeConfig {
  /** Where the control plane is, and by what it is asked. */
  controlPlane: { kind: "http" | "convex"; url: string };
  /** What the runtime authenticates with. */
  serviceToken: TokenSource;
  /** What a first start exchanges; null when there is none. */
  bootstrapToken: Secret | null;
  /** The droplet that this is, as DigitalOcean knows it; null when nobody knows. */
  dropletId: number | null;
  /** Where the gateway listens. */
  gatewayUrl: string;
  /** What the gateway is asked with. */
  gatewayToken: TokenSource;
  /** Where things are kept that a restart should know; null for nowhere. */
  stateDir: string | null;
  /** Given by the operator; null for one that is made and kept. */
  workerId: string | null;
  /** For accounts that have stored none. */
  fallbackKeys: ProviderKeySet["keys"];
  /** Everything else, by the name of its variable. */
  settings: Omit<Variables, `${string}TOKEN${string}` | keyof typeof providerOf>;
  /** What works and should not be so; safe to show. */
  warnings: string[];
}

/**
 * Reads the environment, and the files that it names.
 *
 * @param env such as `process.env`; an empty variable is one that is not there
 * @throws {ConfigInvalidError} `ERR_CONFIG_INVALID` with all that is wrong
 */
export function readConfig(env: Env): RuntimeConfig {
  const given = Object.fromEntries(
    Object.keys(variables.shape).flatMap((name) => {
      const value = env[name]?.trim() ?? "";
      return value === "" ? [] : [[name, value]];
    }),
  );
  const parsed = variables.safeParse(given);
  const problems: ConfigProblem[] = parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => ({ name: String(path[0]), problem: message }));
  const problem = (name: string, what: string): void => void problems.push({ name, problem: what });
  const warnings: string[] = [];
  const has = (name: keyof Variables): boolean => name in given;

  /** A token from its variable or its file; a file that is not there is made when `isMade`. */
  function tokenOf(
    name: "SERVICE_TOKEN" | "BOOTSTRAP_TOKEN" | "OPENCLAW_GATEWAY_TOKEN",
    isMade: boolean,
  ): TokenSource | null {
    const fileName = `${name}_FILE` as const;
    const file = given[fileName] ?? null;
    if (has(name) && file !== null) problem(name, `and ${fileName} must not be given both`);
    if (has(name)) {
      const token = parsed.data?.[name];
      return token === undefined ? null : { token, file: null };
    }
    if (file === null) return null;
    const read = readTokenFile(file);
    if (read.found === "problem") problem(fileName, read.problem);
    if (read.found === "nothing" && !isMade) problem(fileName, "names a file that is not there, or is empty");
    if (read.found === "nothing" && isMade) return { token: null, file };
    if (read.found !== "token") return null;
    if (!read.isPrivate)
      warnings.push(`${fileName} names a file that others can read: give it the mode 0600`);
    return { token: read.token, file };
  }

  function dropletIdOf(file: string | undefined): number | null {
    const read = file === undefined ? null : readTokenFile(file);
    if (read?.found === "problem") problem("DROPLET_ID_FILE", read.problem);
    if (read?.found !== "token") return null;
    const text = read.token.reveal();
    if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
    problem("DROPLET_ID_FILE", "names a file that does not hold the number of a droplet");
    return null;
  }

  if (has("CONTROL_PLANE_URL") && has("CONVEX_URL"))
    problem("CONTROL_PLANE_URL", "and CONVEX_URL must not be given both");
  if (!has("CONTROL_PLANE_URL") && !has("CONVEX_URL"))
    problem("CONTROL_PLANE_URL", "or CONVEX_URL must be given");

  const mayBootstrap = has("BOOTSTRAP_TOKEN") || has("BOOTSTRAP_TOKEN_FILE");
  const serviceToken = tokenOf("SERVICE_TOKEN", mayBootstrap);
  // A file that is gone has done its work, if there is a service token.
  const bootstrapToken = tokenOf("BOOTSTRAP_TOKEN", serviceToken?.token != null);
  const dropletId = dropletIdOf(given["DROPLET_ID_FILE"]);
  if (!has("SERVICE_TOKEN") && !has("SERVICE_TOKEN_FILE"))
    problem(
      mayBootstrap ? "SERVICE_TOKEN_FILE" : "SERVICE_TOKEN",
      mayBootstrap
        ? "must be given with a bootstrap token: it is where the service token is kept"
        : "or SERVICE_TOKEN_FILE must be given, or for a first start a bootstrap token",
    );

  let gatewayToken = tokenOf("OPENCLAW_GATEWAY_TOKEN", mayBootstrap);
  if (has("CLAWDBOT_GATEWAY_TOKEN")) {
    warnings.push(
      "CLAWDBOT_GATEWAY_TOKEN is the old name of OPENCLAW_GATEWAY_TOKEN, and the gateway does not read it",
    );
    const old = parsed.data?.CLAWDBOT_GATEWAY_TOKEN;
    if (gatewayToken === null && old !== undefined) gatewayToken = { token: old, file: null };
  }
  if (
    !["OPENCLAW_GATEWAY_TOKEN", "OPENCLAW_GATEWAY_TOKEN_FILE", "CLAWDBOT_GATEWAY_TOKEN"].some(
      (name) => name in given,
    )
  )
    problem("OPENCLAW_GATEWAY_TOKEN", "or OPENCLAW_GATEWAY_TOKEN_FILE must be given");

  const shared = ["OPENCLAW_CONFIG_PATH", "OPENCLAW_SECRETS_DIR", "OPENCLAW_WORKSPACES_DIR"] as const;
  const isShared = shared.some(has);
  for (const name of shared)
    if (isShared && !has(name)) problem(name, `must be given, too: ${shared.join(", ")} belong together`);
  if (isShared && given["OPENCLAW_CONTROL"] === "off")
    problem("OPENCLAW_CONTROL", "must be on to bring roster and provider keys to the gateway");

  const { data } = parsed;
  if (data === undefined || serviceToken === null || gatewayToken === null || problems.length > 0)
    throw new ConfigInvalidError({ problems });

  const url = data.CONTROL_PLANE_URL ?? data.CONVEX_URL ?? "";
  const stateDir = data.STATE_DIR ?? (serviceToken.file === null ? null : dirname(serviceToken.file));
  if (stateDir === null && data.WORKER_ID === undefined)
    warnings.push(
      "without STATE_DIR or WORKER_ID a restart waits until the leases of the last process have run out",
    );
  const fallbackKeys = Object.entries(providerOf).flatMap(([name, provider]) => {
    const key = data[name as keyof typeof providerOf];
    return key === undefined ? [] : [{ provider, key }];
  });
  if (fallbackKeys.length > 0 && !isShared)
    warnings.push("provider keys in the environment have no way to a gateway whose files are not shared");
  if (fallbackKeys.length > 0)
    warnings.push("provider keys in the environment are outside promise 8: whoever can read it has them");

  return {
    controlPlane: { kind: data.CONVEX_URL === undefined ? "http" : "convex", url },
    serviceToken,
    bootstrapToken: bootstrapToken?.token ?? null,
    dropletId,
    gatewayUrl: data.OPENCLAW_GATEWAY_URL,
    gatewayToken,
    stateDir,
    workerId: data.WORKER_ID ?? null,
    fallbackKeys,
    settings: data,
    warnings,
  };
}
