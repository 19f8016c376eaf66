import {
  GatewayRateLimitedError,
  GatewayUnauthorizedError,
  GatewayUnavailableError,
  ResponsesDisabledError,
} from "../errors/gateway.ts";
import type { OpenClawError } from "../errors/open-claw-error.ts";
import { RequestRefusedError } from "../errors/request.ts";
import { ConnectionCutError } from "../errors/run.ts";
import { retryAfterMs } from "../retry-after.ts";
import { detailsOf, safeName, type Progress } from "./progress.ts";
import { runFailed } from "./read-outcome.ts";
import { parseGatewayError, parseResponseObject } from "./wire.ts";

/**
 * The error of an answer that is not 2xx. The shape of the body is looked at first, the status second: a provider that
 * refuses its key and a gateway that refuses its token both answer 401.
 */
export function refusal(response: Response, body: string, progress: Progress): OpenClawError {
  const { status } = response;
  const run = parseResponseObject(body);
  if (run?.status === "failed") return runFailed(run, progress);

  const gatewayError = parseGatewayError(body);
  const details = {
    ...detailsOf(progress),
    status,
    gatewayType: safeName(gatewayError?.type, progress.redact),
    retryAfterMs: retryAfterMs(response.headers, progress.clock.now()),
  };
  const problem = gatewayError === null ? null : progress.redact(gatewayError.message);

  if (status === 401) return new GatewayUnauthorizedError(details);
  if (status === 429) return new GatewayRateLimitedError(details);
  if (status === 404 && gatewayError === null) return new ResponsesDisabledError(details);
  if (status === 503 && gatewayError?.type === "service_unavailable")
    return new GatewayUnavailableError(details);
  // A 408 is also what servers send on a connection that they lost patience with: it does not say that nothing ran.
  if (status >= 500 || status === 408)
    return new ConnectionCutError({
      reason: `the answer was ${status}${problem === null ? " without a reason" : `, ${problem.replace(/\.$/, "")}`}`,
      ...details,
    });
  return new RequestRefusedError({ problem, ...details });
}
