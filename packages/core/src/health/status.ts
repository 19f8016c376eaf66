import type { Condition, ConditionType, RuntimeStatus } from "../ports/health.ts";

/** Without one of these nothing is delivered at all; everything else only makes a runtime `degraded`. */
const vital: ReadonlySet<ConditionType> = new Set<ConditionType>([
  "GatewayReachable",
  "GatewayAuthorized",
  "ResponsesEnabled",
]);

/**
 * The status that follows from the conditions: the worst of them.
 *
 * @param conditions of one runtime; an empty list is `online`
 */
export function statusOf(
  conditions: readonly Pick<Condition, "type" | "status">[],
): Extract<RuntimeStatus, "online" | "degraded" | "error"> {
  if (conditions.some(({ type, status }) => status === "false" && vital.has(type))) return "error";
  // Not to know whether the gateway is there is not to be online; not to know yet whether a key was used is.
  return conditions.some(
    ({ type, status }) => status === "false" || (status === "unknown" && vital.has(type)),
  )
    ? "degraded"
    : "online";
}
