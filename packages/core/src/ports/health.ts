/** How a runtime is; the worst of its conditions. */
export type RuntimeStatus =
  | "provisioning"
  | "online"
  | "degraded"
  | "offline"
  | "error"
  | "destroying"
  | "destroyed";

/** One fact about health. */
export interface Condition {
  /** What it is about, such as `GatewayReachable`. */
  type: string;
  /** Whether it holds. */
  status: "true" | "false" | "unknown";
  /** One word for machines, such as `ConnectionRefused`. */
  reason: string;
  /** One sentence for people. */
  message: string;
  /** Since when, in milliseconds since the epoch. */
  since: number;
  /** What was seen, scrubbed. */
  evidence?: string;
  /** Where to read what to do. */
  runbook: string;
}
