import type { ConditionType } from "@lobstercontrol/core";
import type { GatewayProbe } from "@lobstercontrol/openclaw-client";
import type { Finding } from "./conditions.ts";

/** The conditions that a probe tells about. */
export type GatewayCondition = Extract<
  ConditionType,
  "GatewayReachable" | "GatewayAuthorized" | "ResponsesEnabled"
>;

/**
 * What a probe says about the gateway.
 *
 * @param probe what `client.probe()` found
 */
export function gatewayFindings(probe: GatewayProbe): Record<GatewayCondition, Finding> {
  return {
    GatewayReachable: reachable(probe),
    GatewayAuthorized: truth(probe, probe.authorized, {
      yes: ["TokenAccepted", "The gateway accepts the token."],
      no: ["TokenRefused", "The gateway does not accept the token."],
    }),
    ResponsesEnabled: truth(probe, probe.responsesEnabled, {
      yes: ["Enabled", "POST /v1/responses is switched on."],
      no: ["Disabled", "POST /v1/responses is switched off."],
    }),
  };
}

function reachable({ live, ready, latencyMs, reason }: GatewayProbe): Finding {
  if (live === false)
    return { status: "false", reason: "NoAnswer", message: reason ?? "The gateway does not answer." };
  if (ready === false)
    return { status: "false", reason: "NotReady", message: reason ?? "The gateway is starting or stopping." };
  if (live === true && ready === true)
    return {
      status: "true",
      reason: "Ready",
      message: "The gateway answers and is ready.",
      ...(latencyMs === null ? {} : { evidence: `answered in ${latencyMs} ms` }),
    };
  return { status: "unknown", reason: "NotAnswered", message: reason ?? "Not every question was answered." };
}

function truth(
  { reason }: GatewayProbe,
  value: boolean | null,
  { yes, no }: Record<"yes" | "no", [reason: string, message: string]>,
): Finding {
  if (value === null)
    return { status: "unknown", reason: "NotAnswered", message: reason ?? "The gateway did not tell." };
  const [word, message] = value ? yes : no;
  return { status: value ? "true" : "false", reason: word, message };
}
