import {
  limits,
  LobsterError,
  scrubText,
  truncateBytes,
  type DeliveryOutcome,
  type Failure,
  type FailureReason,
} from "@lobstercontrol/core";
import { OpenClawError, type AgentResponse } from "@lobstercontrol/openclaw-client";

/** What the gateway says in an agent's place when the model stayed silent. */
const gatewayFallback = "No response from OpenClaw.";

/**
 * How a run ended, by the words that OpenClaw agents use for silence.
 *
 * @param response what the gateway answered
 */
export function outcomeOf(response: AgentResponse): DeliveryOutcome {
  const outcome = outcomeOfText(response.text, response.id);
  return outcome.kind === "reply" && response.status !== "completed"
    ? { ...outcome, kind: "truncated" }
    : outcome;
}

/**
 * How a run ended that said this.
 *
 * @param text what the agent said
 * @param responseId the gateway's id of the run
 */
export function outcomeOfText(text: string, responseId: string | null): DeliveryOutcome {
  const word = text.trim();
  if (word === "NO_REPLY") return { kind: "noReply", responseId };
  if (word === "HEARTBEAT_OK") return { kind: "heartbeatOk", responseId };
  if (word === "" || word === gatewayFallback) return { kind: "empty", responseId };
  const kept = truncateBytes(text, limits.replyBytes);
  return { kind: kept === text ? "reply" : "truncated", text: kept, responseId };
}

/**
 * What a thrown error means for the notification.
 *
 * @param error what the client threw
 */
export function failureOf(error: unknown): Failure {
  const reason = reasonOf(error);
  if (OpenClawError.isInstance(error)) {
    return {
      outcome: error.outcome,
      reason,
      retryable: error.retryable,
      // A gateway that can take nothing must not use up the attempts of everything that waits for it.
      countsAttempt: error.blames !== "gateway",
      ...(error.retryAfterMs === null ? {} : { retryAfterMs: error.retryAfterMs }),
    };
  }
  // The client refuses what cannot be sent before it sends anything; any other error may have come at any point.
  return LobsterError.isInstance(error)
    ? { outcome: "notSent", reason, retryable: error.retryable, countsAttempt: true }
    : { outcome: "maybeRan", reason, retryable: true, countsAttempt: true };
}

/**
 * Why, safe to store and to show (promise 12).
 *
 * @param error anything that was caught
 */
export function reasonOf(error: unknown): FailureReason {
  return LobsterError.isInstance(error)
    ? { code: error.code, message: scrubText(error.message) }
    : { code: "ERR_UNEXPECTED", message: scrubText(String(error)).slice(0, 500) };
}
