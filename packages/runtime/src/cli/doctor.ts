import { accessSync, constants, statSync } from "node:fs";
import { LobsterError, type AgentRoster, type Secret } from "@lobstercontrol/core";
import { createOpenClawClient } from "@lobstercontrol/openclaw-client";
import { createGatewayControl } from "@lobstercontrol/openclaw-client/control";
import { readConfig, type RuntimeConfig } from "../config/read-config.ts";
import { gatewayFindings } from "../health/gateway-findings.ts";
import { connectControlPlane } from "./connect-control-plane.ts";
import { exitCode } from "./exit-code.ts";
import type { Io } from "./io.ts";

/** What was looked at, and what was found. */
interface Check {
  what: string;
  /** Null: nothing can be said yet, and nothing is wrong. */
  ok: boolean | null;
  /** One sentence; when something is wrong, with what to do. */
  says: string;
}

/** More than a slow network explains. */
const skewMs = 30_000;

/**
 * Looks at everything that the program needs, once, and explains what it finds. It changes nothing.
 *
 * @returns the exit code
 * @throws {ConfigInvalidError} `ERR_CONFIG_INVALID`
 */
export async function doctor(io: Io): Promise<number> {
  const config = readConfig(io.env);
  const checks: Check[] = [
    { what: "configuration", ok: true, says: "It can be used." },
    ...config.warnings.map((says): Check => ({ what: "configuration", ok: null, says: sentence(says) })),
    ...lookAtFiles(config),
  ];
  const [plane, gateway] = await Promise.all([lookAtControlPlane(config), lookAtGateway(config)]);
  checks.push(...plane, ...gateway);
  for (const { what, ok, says } of checks) io.out(`${mark(ok)} ${what}: ${says}`);
  const wrong = checks.filter(({ ok }) => ok === false).length;
  io.out(`${checks.length} looked at, ${wrong} wrong`);
  return wrong === 0 ? exitCode.ok : exitCode.failed;
}

const mark = (ok: boolean | null): string => (ok === null ? "note " : ok ? "ok   " : "WRONG");
const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

async function lookAtControlPlane(config: RuntimeConfig): Promise<Check[]> {
  const what = "control plane";
  const { token } = config.serviceToken;
  if (token === null)
    return [
      {
        what,
        ok: null,
        says: "There is no service token yet: `lobster-runtime start` makes it, and exchanges the bootstrap token.",
      },
    ];
  let skew: number | null = null;
  const fetchAndCompare: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    const date = Date.parse(response.headers.get("date") ?? "");
    if (!Number.isNaN(date)) skew = Date.now() - date;
    return response;
  };
  const { port } = await connectControlPlane(config.controlPlane, token, {
    timeoutMs: config.settings.CONTROL_PLANE_TIMEOUT_MS,
    fetch: fetchAndCompare,
  });
  try {
    const roster = await port.agents();
    return [
      { what, ok: true, says: `It answers and takes the service token; ${agentsIn(roster)}.` },
      clockCheck(skew),
    ];
  } catch (error) {
    const isNew =
      config.bootstrapToken !== null && LobsterError.isInstance(error) && error.code === "ERR_UNAUTHORIZED";
    const says = isNew
      ? "The service token is not the account's yet: `lobster-runtime start` exchanges the bootstrap token for it."
      : explain(error);
    return [{ what, ok: isNew ? null : false, says }, ...(skew === null ? [] : [clockCheck(skew)])];
  }
}

const agentsIn = ({ revision, agents }: AgentRoster): string =>
  `the roster is at revision ${revision} and has ${agents.length} agents`;

function clockCheck(skew: number | null): Check {
  const what = "clock";
  if (skew === null) return { what, ok: null, says: "The control plane does not tell the time." };
  const isNear = Math.abs(skew) <= skewMs;
  const seconds = Math.round(Math.abs(skew) / 1_000);
  return isNear
    ? { what, ok: true, says: "It agrees with the control plane's." }
    : {
        what,
        ok: false,
        says: `It is ${seconds} s ${skew > 0 ? "ahead of" : "behind"} the control plane's: have it set by NTP, or certificates are refused and logs lie.`,
      };
}

async function lookAtGateway({ gatewayUrl, gatewayToken, settings }: RuntimeConfig): Promise<Check[]> {
  const { token } = gatewayToken;
  if (token === null)
    return [
      { what: "gateway", ok: null, says: "There is no token for it yet: `lobster-runtime start` makes it." },
    ];
  const probe = await createOpenClawClient({ baseUrl: gatewayUrl, token }).probe();
  const { GatewayReachable, GatewayAuthorized, ResponsesEnabled } = gatewayFindings(probe);
  const version = probe.version === null ? "" : ` It is version ${probe.version}.`;
  const checks: Check[] = [
    { what: "gateway", ok: GatewayReachable.status === "true", says: GatewayReachable.message + version },
  ];
  if (probe.live !== true) return checks;
  checks.push(
    { what: "gateway token", ok: GatewayAuthorized.status === "true", says: GatewayAuthorized.message },
    { what: "gateway responses", ok: ResponsesEnabled.status === "true", says: ResponsesEnabled.message },
  );
  if (settings.OPENCLAW_CONTROL === "on") checks.push(await lookAtControl(gatewayUrl, token));
  return checks;
}

async function lookAtControl(url: string, token: Secret): Promise<Check> {
  const what = "gateway control";
  const control = createGatewayControl({ url, token, callTimeoutMs: 5_000 });
  try {
    const agents = await control.agents();
    return { what, ok: true, says: `It takes control calls; it has ${agents.length} agents.` };
  } catch (error) {
    return { what, ok: false, says: explain(error) };
  } finally {
    control.close();
  }
}

function lookAtFiles(config: RuntimeConfig): Check[] {
  const { settings } = config;
  return [
    ...tokenCheck("SERVICE_TOKEN_FILE", config.serviceToken.file),
    ...tokenCheck("OPENCLAW_GATEWAY_TOKEN_FILE", config.gatewayToken.file),
    ...access("STATE_DIR", config.stateDir ?? undefined, constants.W_OK),
    ...access("OPENCLAW_CONFIG_PATH", settings.OPENCLAW_CONFIG_PATH, constants.R_OK | constants.W_OK),
    ...access("OPENCLAW_SECRETS_DIR", settings.OPENCLAW_SECRETS_DIR, constants.W_OK),
    ...access("OPENCLAW_WORKSPACES_DIR", settings.OPENCLAW_WORKSPACES_DIR, constants.W_OK),
    ...access("UPGRADE_HOOK", settings.UPGRADE_HOOK, constants.X_OK),
  ];
}

/** Its folder must let nobody else put another file in its place, either. */
function tokenCheck(what: string, path: string | null): Check[] {
  if (path === null) return [];
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return [{ what, ok: null, says: "It is made at the first start." }];
  const mode = (stat.mode & 0o777).toString(8).padStart(4, "0");
  return (stat.mode & 0o077) === 0
    ? [{ what, ok: true, says: `It is readable for its owner alone (${mode}).` }]
    : [
        {
          what,
          ok: false,
          says: `Others can read it (${mode}): give it the mode 0600, and replace the token if they may have.`,
        },
      ];
}

function access(what: string, path: string | undefined, wanted: number): Check[] {
  if (path === undefined) return [];
  try {
    accessSync(path, wanted);
    return [{ what, ok: true, says: "It can be used." }];
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    if (code === "ENOENT" && what === "STATE_DIR")
      return [{ what, ok: null, says: "It is made at the first start." }];
    return [
      {
        what,
        ok: false,
        says: `It cannot be used as this user (${code}): look whether it is there, and at its owner and mode.`,
      },
    ];
  }
}

function explain(error: unknown): string {
  if (LobsterError.isInstance(error)) return `${error.message} ${error.hint} (${error.code})`;
  return `It failed unexpectedly (${error instanceof Error ? error.name : typeof error}).`;
}
