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
  const responseId = response.id;
  const text = response.text.trim();
  if (text === "NO_REPLY") return { kind: "noReply", responseId };
  if (text === "HEARTBEAT_OK") return { kind: "heartbeatOk", responseId };
  if (text === "" || text === gatewayFallback) return { kind: "empty", responseId };
  const kept = truncateBytes(response.text, limits.replyBytes);
  const whole = response.status === "completed" && kept === response.text;
  return { kind: whole ? "reply" : "truncated", text: kept, responseId };
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
