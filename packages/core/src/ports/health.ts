/**
 * How a runtime is: the worst of its conditions.
 *
 * - `provisioning`: its droplet is being made
 * - `online`: everything that is asked of it works
 * - `degraded`: it works, and something is wrong
 * - `offline`: it was not heard from, or said that it stops
 * - `error`: nothing can be delivered, or its droplet could not be made
 * - `destroying`, `destroyed`: its droplet is going, or gone
 */
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
  /** What it is about. */
  type: ConditionType;
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

/** A condition as a runtime reports it: durations, never timestamps, since its clock is its own. */
export type ReportedCondition = Omit<Condition, "since"> & {
  /** For how long it has been so, in milliseconds. */
  forMs: number;
};

/**
 * What conditions are about.
 *
 * - `GatewayReachable`: the gateway answers, and has started
 * - `GatewayAuthorized`: it accepts the runtime's token
 * - `ResponsesEnabled`: `POST /v1/responses` is switched on
 * - `ProviderAuthorized`: the model providers accept the account's keys
 * - `DeliveryHealthy`: runs end well
 * - `KeysActive`: the gateway has the provider keys that are stored (promise 9)
 * - `AgentsSynced`: the gateway has the roster
 * - `ControlPlaneReachable`: the control plane answers
 * - `Claiming`: the runtime takes work; false while it drains
 * - `Upgraded`: the last upgrade that was asked for is what runs
 * - `Heard`: the runtime reports in time; the control plane's own finding
 * - `Provisioned`: the droplet is there, or comes in time; the control plane's own finding
 */
export type ConditionType =
  | "GatewayReachable"
  | "GatewayAuthorized"
  | "ResponsesEnabled"
  | "ProviderAuthorized"
  | "DeliveryHealthy"
  | "KeysActive"
  | "AgentsSynced"
  | "ControlPlaneReachable"
  | "Claiming"
  | "Upgraded"
  | "Heard"
  | "Provisioned";
