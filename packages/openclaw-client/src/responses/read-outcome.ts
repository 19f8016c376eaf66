import { ConnectionCutError, RunFailedError } from "../errors/run.ts";
import type { AgentResponse } from "../types.ts";
import { safeName, type Progress } from "./progress.ts";
import type { ResponseObject } from "./wire.ts";

/**
 * How the run of a response ended.
 *
 * @param deltas the text to fall back on when the response has none
 * @throws {RunFailedError} `ERR_RUN_FAILED` when it failed
 * @throws {ConnectionCutError} `ERR_CONNECTION_CUT` when it had not ended
 */
export function readOutcome(
  response: ResponseObject,
  deltas: string,
  status: number,
  progress: Progress,
): AgentResponse {
  if (response.status === "failed") throw runFailed(response, status, progress);
  if (response.status !== "completed" && response.status !== "incomplete")
    throw new ConnectionCutError({
      reason: "the answer is that of a run under way",
      status,
      responseId: safeName(response.id, progress.redact),
    });
  const { usage } = response;
  return {
    id: response.id,
    status: response.status,
    text: textOf(response) || deltas,
    incompleteReason: response.status === "incomplete" ? (response.incomplete_details?.reason ?? null) : null,
    usage: {
      inputTokens: usage?.input_tokens ?? 0,
      outputTokens: usage?.output_tokens ?? 0,
      totalTokens: usage?.total_tokens ?? 0,
    },
    model: response.model,
    toolCalls: response.output
      .filter((item) => item.type === "function_call")
      .map(({ call_id = "", name = "", arguments: args = "" }) => ({
        callId: call_id,
        name,
        arguments: args,
      })),
  };
}

/** The error of a failed response: shape B, whatever the status. */
export function runFailed(response: ResponseObject, status: number, progress: Progress): RunFailedError {
  return new RunFailedError({
    problem: response.error ? progress.redact(response.error.message) : null,
    gatewayType: safeName(response.error?.code, progress.redact),
    responseId: safeName(response.id, progress.redact),
    status,
  });
}

function textOf(response: ResponseObject): string {
  return response.output
    .filter((item) => item.type === "message")
    .flatMap((item) => item.content ?? [])
    .map((part) => (part.type === "output_text" ? (part.text ?? "") : ""))
    .join("");
}
