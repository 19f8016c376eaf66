import { ConnectionCutError, RunFailedError } from "../errors/run.ts";
import type { AgentResponse } from "../types.ts";
import { detailsOf, safeName, type Progress } from "./progress.ts";
import type { ResponseObject } from "./wire.ts";

/**
 * How the run of a response ended.
 *
 * @param deltas the text to fall back on when the response has none
 * @throws {RunFailedError} `ERR_RUN_FAILED` when it failed
 * @throws {ConnectionCutError} `ERR_CONNECTION_CUT` when it had not ended
 */
export function readOutcome(response: ResponseObject, deltas: string, progress: Progress): AgentResponse {
  const { id, status, model, text, toolCalls, usage, incompleteReason } = response;
  if (status === "failed") throw runFailed(response, progress);
  if (status !== "completed" && status !== "incomplete")
    throw new ConnectionCutError({
      reason: "the answer is that of a run under way",
      ...detailsOf(progress),
      responseId: safeName(id, progress.redact),
    });
  return {
    id,
    status,
    text: text || deltas,
    incompleteReason: status === "incomplete" ? incompleteReason : null,
    usage,
    model,
    toolCalls,
  };
}

/** The error of a failed response: shape B, whatever the status. */
export function runFailed({ id, error }: ResponseObject, progress: Progress): RunFailedError {
  const { redact } = progress;
  return new RunFailedError({
    problem: error && redact(error.message),
    ...detailsOf(progress),
    gatewayType: safeName(error?.code, redact),
    responseId: safeName(id, redact),
  });
}
