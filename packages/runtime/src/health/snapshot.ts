import type { ReportedCondition, RuntimeReport } from "@lobstercontrol/core";

/** How a runtime is, as `/health` shows it: nothing in it has to be hidden from the account's admin (promise 12). */
export interface RuntimeHealth {
  /** The worst of the conditions; `offline` while it stops. */
  status: RuntimeReport["status"];
  /** All that is known. */
  conditions: ReportedCondition[];
  /** The version of the runtime. */
  version: string;
  /** The version of the gateway; null while it is not known. */
  gatewayVersion: string | null;
  /** How many deliveries are under way. */
  running: number;
  /** The roster's revision that the gateway is proven to have; 0 for none. */
  rosterRevision: number;
  /** The keys generation that the gateway is proven to have; 0 for none. */
  keysGeneration: number;
  /** For how long the runtime has been running, in milliseconds. */
  uptimeMs: number;
}
