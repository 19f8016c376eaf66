import type { Connection } from "../connection.ts";
import {
  GatewayRateLimitedError,
  GatewayUnauthorizedError,
  GatewayUnreachableError,
  ResponsesDisabledError,
} from "../errors/gateway.ts";
import { OpenClawError } from "../errors/open-claw-error.ts";
import { RunAbortedError } from "../errors/run.ts";
import { readJson } from "../read-json.ts";
import { retryAfterMs } from "../retry-after.ts";
import { createStop } from "../stop.ts";
import type { ProbeParameters } from "../types.ts";

const defaultTimeoutMs = 5_000;
const prefix = "openclaw/";

/** The agents' slugs. A list runs nothing, so that whatever goes wrong was never a run. */
export async function models(connection: Connection, parameters: ProbeParameters): Promise<string[]> {
  const { clock, get, token } = connection;
  const stop = createStop(clock, parameters.timeoutMs ?? defaultTimeoutMs, parameters.signal);
  try {
    const headers = { authorization: `Bearer ${token.reveal()}` };
    const response = await stop.race(get("/v1/models", { headers, signal: stop.signal }));
    if (response.status !== 200) {
      response.body?.cancel().catch(() => {});
      throw failure(response, clock.now());
    }
    // A body of another shape throws below, like one that is no JSON.
    const { data } = (await readJson(response, connection, stop)) as { data: { id: string }[] };
    return data
      .map(({ id }) => id)
      .filter((id) => id.startsWith(prefix) && id !== `${prefix}default`)
      .map((id) => id.slice(prefix.length));
  } catch (error) {
    if (OpenClawError.isInstance(error)) throw error;
    if (stop.reason() === "aborted") throw new RunAbortedError({ outcome: "notSent" });
    throw new GatewayUnreachableError({
      reason: stop.reason() === null ? "no list of agents came back" : "no answer in time",
    });
  } finally {
    stop.release();
  }
}

function failure({ status, headers }: Response, now: number): OpenClawError {
  const details = { status, retryAfterMs: retryAfterMs(headers, now) };
  if (status === 401) return new GatewayUnauthorizedError(details);
  if (status === 404) return new ResponsesDisabledError(details);
  if (status === 429) return new GatewayRateLimitedError(details);
  return new GatewayUnreachableError({ reason: `the answer was ${status}` });
}
