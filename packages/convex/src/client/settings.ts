import {
  contextLimits,
  heartbeatInput,
  InvalidInputError,
  type BackoffOptions,
  type ContextLimits,
  type Provisioner,
  type ProvisionStore,
} from "@lobstercontrol/core";
import type { RunsMutations } from "./types.ts";

/** How a control plane on Convex is set up. Everything has a default. */
export interface LobsterControlOptions {
  /** With this many attempts that count a notification is dead: 8 by default. */
  maxAttempts?: number;
  /** The waits between attempts: full jitter up to 2 s, 4 s, 8 s …, at most 5 minutes by default. */
  backoff?: BackoffOptions;
  /** What an agent is told at its heartbeat: by default to look whether anything needs it, and to answer HEARTBEAT_OK if not. */
  heartbeatInput?: string;
  /** How much of a thread is told: 50 messages and 32,000 characters by default. What is left out is said. */
  contextLimits?: Partial<ContextLimits>;
  /**
   * Gives accounts their droplets, such as `(store) => createProvisioner({ api, store, userData })`; it is made in actions, whose
   * `ctx` comes along. Without one, nothing is provisioned.
   */
  provisioner?: (store: ProvisionStore, ctx: RunsMutations) => Provisioner;
  /** Gives a number in [0, 1), for the jitter of waits. */
  random?: () => number;
}

/** The options, with their defaults. */
export interface Settings {
  maxAttempts: number;
  backoff: BackoffOptions;
  heartbeatInput: string;
  contextLimits: ContextLimits;
  provisioner: ((store: ProvisionStore, ctx: RunsMutations) => Provisioner) | null;
  random: () => number;
}

/** @throws {InvalidInputError} `ERR_INVALID_INPUT` */
export function settingsOf(options: LobsterControlOptions): Settings {
  const { maxAttempts = 8, backoff = { baseMs: 2_000, capMs: 5 * 60_000 } } = options;
  if (!Number.isInteger(maxAttempts) || maxAttempts < 1)
    throw new InvalidInputError({ field: "maxAttempts", problem: "must be a whole number from 1" });
  return {
    maxAttempts,
    backoff,
    heartbeatInput: options.heartbeatInput ?? heartbeatInput,
    contextLimits: { ...contextLimits, ...options.contextLimits },
    provisioner: options.provisioner ?? null,
    random: options.random ?? Math.random,
  };
}
