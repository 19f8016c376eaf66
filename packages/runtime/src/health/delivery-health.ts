import type { RuntimeEvent } from "../events.ts";
import type { Conditions } from "./conditions.ts";

/** So many runs in a row are no accident. */
const tolerated = 3;

/**
 * Writes `DeliveryHealthy` from what a runtime tells.
 *
 * @param conditions where to
 * @returns is told each event
 */
export function watchDeliveries(conditions: Conditions): (event: RuntimeEvent) => void {
  let failed = 0;
  conditions.set("DeliveryHealthy", {
    status: "unknown",
    reason: "NoRunYet",
    message: "No run has ended since the runtime started.",
  });
  return (event) => {
    if (event.type === "delivered") {
      failed = 0;
      conditions.set("DeliveryHealthy", {
        status: "true",
        reason: "RunsEndWell",
        message: "The last run ended well.",
      });
    }
    // What no request would have survived is told by the conditions of the gateway.
    if (event.type !== "failed" || !event.failure.countsAttempt) return;
    failed += 1;
    if (failed < tolerated) return;
    const { code, message } = event.failure.reason;
    conditions.set("DeliveryHealthy", {
      status: "false",
      reason: "RunsFail",
      message: `The last ${failed} runs failed, the last one with ${code}.`,
      evidence: message,
    });
  };
}
