import type { BootstrapPort, RuntimePort, Secret } from "@lobstercontrol/core";
import type { GatewayControl } from "@lobstercontrol/openclaw-client/control";
import type { RuntimeEvent } from "./events.ts";
import type { Conditions } from "./health/conditions.ts";
import type { RuntimeOptions } from "./runtime.ts";
import type { Sync } from "./sync.ts";

/** Brings the provider keys to the gateway, and learns from runs which of them work. */
export interface KeysSync extends Sync {
  /** The keys generation that a run is proven to have used; 0 for none. */
  confirmed(): number;
  /** Is told each event of the loop. */
  onEvent(event: RuntimeEvent): void;
}

/** What a runtime service lends to its syncs. */
export interface SyncParts {
  /** Where each writes what it finds. */
  conditions: Conditions;
  /**
   * Claims nothing, waits for the runs under way, has the gateway restart, and resolves when it was seen to.
   *
   * @param reason for the gateway's log; no secrets
   */
  restartGateway: (reason: string) => Promise<void>;
}

/** How a runtime service is made: what {@link RuntimeOptions} says, and what is around the loop. */
export interface RuntimeServiceOptions extends Omit<RuntimeOptions, "port" | "control" | "incarnation"> {
  /** The account, as its runtime sees it: what `createRuntimeClient` of `@lobstercontrol/core/http` makes, for example. */
  port: RuntimePort;
  /**
   * Control of the gateway: what `createGatewayControl` makes. With it cut connections are resolved (promise 5), and the
   * gateway can be restarted.
   */
  control?: Pick<GatewayControl, "sessionMark" | "didRun" | "requestRestart">;
  /**
   * Makes what brings the roster and the provider keys to the gateway. Nothing is claimed before each was tried once.
   */
  syncs?: (parts: SyncParts) => { roster?: Sync; keys?: KeysSync };
  /** A first start: the service token is stored on this machine and still has to be made the account's. */
  enrol?: {
    /** The calls of a first start: what `createBootstrapClient` makes, for example. */
    bootstrap: Pick<BootstrapPort, "exchange">;
    /** What is exchanged. */
    bootstrapToken: Secret;
    /** What it is exchanged for. */
    serviceToken: Secret;
    /** The droplet that this is, as DigitalOcean knows it: of two with one token, the one that called home stays. */
    dropletId?: number;
  };
  /** Where `/health`, `/ready`, `/version` and `/metrics` are served; nowhere by default. Keep it on loopback. */
  health?: {
    /** The address; `127.0.0.1` by default. */
    host?: string;
    /** The port; 0 for any that is free. */
    port: number;
  };
  /** The longest between two reports, in milliseconds: 15,000 by default. */
  reportMs?: number;
  /** The time between two looks at the gateway, in milliseconds: 15,000 by default. */
  probeMs?: number;
  /**
   * The file that remembers how directives ended, and which upgrade is under way, for the process that comes after this one.
   * By default nothing does.
   */
  journalPath?: string;
  /**
   * Hands a version over to whatever supervises the gateway. It may end this very process; the next one goes on. Called
   * again with what runs already, it must do nothing. Without it upgrades are refused.
   */
  onUpgrade?: (target: string) => Promise<void>;
  /** What runs now, in the words of `onUpgrade`: what a failed upgrade goes back to. */
  release?: string;
  /** How long what an upgrade brought may take until it is healthy, in milliseconds: 5 minutes by default. */
  upgradeGateMs?: number;
}
