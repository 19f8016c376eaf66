import type { Conditions } from "./conditions.ts";

/** Why a runtime takes no work, or that it does. */
export type ClaimingReason = "Claiming" | "Drained" | "Restarting" | "Upgrading" | "Stopping" | "Starting";

const messages: Record<ClaimingReason, string> = {
  Claiming: "The runtime takes work.",
  Starting: "The runtime has not begun to take work.",
  Drained: "The runtime was told to drain: it takes no work until it starts anew.",
  Restarting: "The runtime takes no work while the gateway restarts.",
  Upgrading: "The runtime takes no work during an upgrade.",
  Stopping: "The runtime is stopping.",
};

/** Writes `Claiming`. */
export function setClaiming(conditions: Conditions, reason: ClaimingReason): void {
  conditions.set("Claiming", {
    status: reason === "Claiming" ? "true" : "false",
    reason,
    message: messages[reason],
  });
}
