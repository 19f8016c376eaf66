import type { AgentSlug } from "../ids.ts";
import type { Secret } from "../secret.ts";
import type { DeliveryPort } from "./delivery.ts";
import type { Condition, RuntimeStatus } from "./health.ts";

/** An agent of the account, as its gateway should have it. */
export interface Agent {
  /** The gateway's agent id. */
  slug: AgentSlug;
  /** The platform's own id of this agent. */
  ref: string | null;
  /** How often a heartbeat wakes it, in milliseconds; null for never. */
  heartbeatEveryMs: number | null;
  /** Files of its workspace by name, such as `SOUL.md`. */
  files: Readonly<Record<string, string>>;
}

/** All agents of the account. */
export interface AgentRoster {
  /** Grows with each change. */
  revision: number;
  /** By slug, in alphabetical order. */
  agents: Agent[];
}

/** All provider keys of the account, in clear. */
export interface ProviderKeySet {
  /** Grows with each change of any of them; 0 when there never was one. */
  generation: number;
  /** By provider. */
  keys: { provider: string; key: Secret }[];
}

/** What a runtime tells the control plane about its health. */
export interface RuntimeReport {
  /** Names this report; the same one again changes nothing. */
  id: string;
  /** Who reports. */
  workerId: string;
  /** Which start of that worker. */
  incarnation: string;
  /** The version of the runtime. */
  version: string;
  /** The worst of the conditions. */
  status: RuntimeStatus;
  /** Every non-online status has at least one (promise 11). */
  conditions: Condition[];
  /** The roster's revision that the gateway is proven to have. */
  rosterRevision: number;
  /** The keys generation that the gateway is proven to have. */
  keysGeneration: number;
}

/** What the control plane wants a runtime to do. Each is idempotent by its id. */
export type Directive =
  | { id: string; kind: "restart" | "drain" | "resync" }
  | { id: string; kind: "upgrade"; target: string };

/** One account, as its runtime sees it. The service token says which account; no call names one. Durations, never timestamps. */
export interface RuntimePort extends DeliveryPort {
  /** The agents that the gateway should have. */
  agents(): Promise<AgentRoster>;
  /** The provider keys, decrypted: the only call that reveals them (promise 8). */
  providerKeys(): Promise<ProviderKeySet>;
  /** Tells how the runtime is, and learns what is wanted of it. */
  report(report: RuntimeReport): Promise<Directive[]>;
}
