import type { AgentSlug } from "../ids.ts";
import type { Secret } from "../secret.ts";
import type { DeliveryPort } from "./delivery.ts";
import type { ReportedCondition } from "./health.ts";

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
  /**
   * It was taken off the roster and still has notifications to deliver: the gateway keeps it until they are done. Ask again
   * from time to time; its end does not change the revision.
   */
  leaving: boolean;
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
  /** Grows with each report of an incarnation, so that one that arrives late does not undo a newer one. */
  sequence: number;
  /** Who reports. */
  workerId: string;
  /** Which start of that worker. */
  incarnation: string;
  /** The version of the runtime. */
  version: string;
  /** The version of the gateway; null while it is not known. */
  gatewayVersion: string | null;
  /** The worst of the conditions (`statusOf`), or `offline` when the runtime is about to stop. */
  status: "online" | "degraded" | "error" | "offline";
  /** Every non-online status has at least one (promise 11). */
  conditions: ReportedCondition[];
  /** The roster's revision that the gateway is proven to have; 0 for none. */
  rosterRevision: number;
  /** The keys generation that the gateway is proven to have; 0 for none. */
  keysGeneration: number;
  /** The keys generation that a run is proven to have used; 0 for none. */
  keysConfirmed: number;
  /** The next report comes within this many milliseconds; one that does not for three times as long is offline. */
  nextInMs: number;
  /** How directives ended since the report before. */
  ended: DirectiveEnd[];
}

/** What the control plane wants a runtime to do. Each is idempotent by its id, and handed out until a report says how it ended. */
export type Directive =
  | { id: string; kind: DirectiveKind }
  | {
      id: string;
      kind: "upgrade";
      /** The version or image digest that is wanted. */
      target: string;
    };

/**
 * What needs no more words.
 *
 * - `restart`: restart the gateway, once it is idle
 * - `drain`: claim nothing more, finish what runs, and stay so until the process starts anew
 * - `resync`: bring the roster and the provider keys to the gateway again, whatever it is believed to have
 */
export type DirectiveKind = "restart" | "drain" | "resync";

/** How a directive ended. */
export interface DirectiveEnd {
  /** The directive. */
  id: string;
  /** Whether what was wanted is so. */
  ok: boolean;
  /** One sentence, scrubbed, safe to show; empty when there is nothing to say. */
  message: string;
}

/** What a report is answered with. */
export interface Directives {
  /** What is wanted, oldest first. */
  directives: Directive[];
  /** The roster's revision. Another one than the gateway has means: ask for `agents()`. */
  rosterRevision: number;
  /** The keys generation. Another one than the gateway has means: ask for `providerKeys()`. */
  keysGeneration: number;
}

/** One account, as its runtime sees it. The service token says which account; no call names one. Durations, never timestamps. */
export interface RuntimePort extends DeliveryPort {
  /** The agents that the gateway should have. */
  agents(): Promise<AgentRoster>;
  /** The provider keys, decrypted: the only call that reveals them (promise 8). */
  providerKeys(): Promise<ProviderKeySet>;
  /**
   * Tells how the runtime is, and learns what is wanted of it.
   *
   * @throws `ERR_WORKER_FENCED` when a newer incarnation of the same worker has claimed
   */
  report(report: RuntimeReport): Promise<Directives>;
}
