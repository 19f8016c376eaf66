import type { Connection } from "../connection.ts";
import { readJson } from "../read-json.ts";
import { createStop, type Stop } from "../stop.ts";
import type { GatewayProbe, ProbeParameters } from "../types.ts";

const defaultTimeoutMs = 5_000;
const versionPattern = /^[\w.+-]{1,64}$/;

/** Four questions at once, and one for the version. No POST: that would be a run, and cost money. */
export async function probe(connection: Connection, parameters: ProbeParameters): Promise<GatewayProbe> {
  const { clock } = connection;
  const stop = createStop(clock, parameters.timeoutMs ?? defaultTimeoutMs, parameters.signal);
  const startedAt = clock.now();
  let latencyMs: number | null = null;
  try {
    const [health, readiness, models, responses, version] = await Promise.all([
      statusOf(connection, stop, "/healthz").then((status) => {
        if (status === 200) latencyMs = Math.max(0, clock.now() - startedAt);
        return status;
      }),
      statusOf(connection, stop, "/readyz"),
      statusOf(connection, stop, "/v1/models", { authorization: `Bearer ${connection.token.reveal()}` }),
      statusOf(connection, stop, "/v1/responses"),
      readVersion(connection, stop),
    ]);
    // Whoever called may have hung up before the gateway had a chance; then nothing is known.
    const live = health === null && stop.reason() === "aborted" ? null : health === 200;
    const found = {
      live,
      ready: live === false ? false : truth(readiness, 200, 503),
      authorized: truth(models, 200, 401),
      responsesEnabled: truth(responses, 405, 404),
    };
    return { ...found, version, latencyMs, reason: reasonOf(found, [readiness, models, responses]) };
  } finally {
    stop.release();
  }
}

function truth(status: number | null, yes: number, no: number): boolean | null {
  if (status === yes) return true;
  return status === no ? false : null;
}

function reasonOf(
  {
    live,
    ready,
    authorized,
    responsesEnabled,
  }: Record<"live" | "ready" | "authorized" | "responsesEnabled", boolean | null>,
  statuses: readonly (number | null)[],
): string | null {
  if (live === null) return "The probe was aborted.";
  if (!live) return "The gateway does not answer.";
  if (statuses.includes(403))
    return "The gateway does not trust the proxy in front of it (gateway.trustedProxies).";
  if (statuses.includes(429)) return "The gateway takes no requests from this address for a while.";
  if (ready === false) return "The gateway is starting or stopping.";
  if (responsesEnabled === false) return "POST /v1/responses is switched off.";
  if (authorized === false) return "The gateway does not accept the token.";
  if (ready && authorized && responsesEnabled) return null;
  return "Not every question was answered.";
}

/** The status of a GET; null when there was no answer. */
async function statusOf(
  connection: Connection,
  stop: Stop,
  path: string,
  headers: Record<string, string> = {},
): Promise<number | null> {
  const response = await get(connection, stop, path, headers);
  response?.body?.cancel().catch(() => {});
  return response?.status ?? null;
}

async function readVersion(connection: Connection, stop: Stop): Promise<string | null> {
  const response = await get(connection, stop, "/startupz", {});
  try {
    const { version } = (await readJson(response, connection, stop)) as { version?: unknown };
    return typeof version === "string" && versionPattern.test(version) ? version : null;
  } catch {
    return null;
  }
}

async function get(
  connection: Connection,
  stop: Stop,
  path: string,
  headers: Record<string, string>,
): Promise<Response | null> {
  try {
    return await stop.race(connection.get(path, { headers, signal: stop.signal }));
  } catch {
    return null;
  }
}
