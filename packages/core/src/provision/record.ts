import type { AccountId } from "../ids.ts";
import type { DropletApiReason } from "../droplet/errors.ts";
import type { DropletSpec } from "./spec.ts";

/**
 * Where an account's droplet is in its life.
 *
 * - `provisioning`: it is being made, or boots
 * - `running`: its runtime has called home
 * - `failed`: it could not be made, or is gone; what was made of it is deleted
 * - `destroying`, `destroyed`: as it was asked for
 */
export type ProvisionState = "provisioning" | "running" | "failed" | "destroying" | "destroyed";

/** All that is known of an account's droplet. A control plane stores it whole, and changes it by compare-and-swap. */
export interface ProvisionRecord {
  /** Whose droplet it is. */
  account: AccountId;
  /** Grows by one with each change; 0 for what was never stored. */
  revision: number;
  /** As stored; `provisionStatus` says what it comes to at a time. */
  state: ProvisionState;
  /** Since when, in milliseconds since the epoch. */
  since: number;
  /** What is wanted. */
  spec: DropletSpec;
  /** Who asked for it. */
  requestedBy: string;
  /** After this nothing is created any more, in milliseconds since the epoch. */
  createBy: number;
  /** Which of the spec's choices is next: 0 for the spec itself, then its fallbacks, then from the beginning. */
  choice: number;
  /** Every try to create it, oldest first. Their nonces are the proof of ownership, so they outlive the droplet. */
  attempts: ProvisionAttempt[];
  /** Why it failed; null when it did not. */
  failure: ProvisionFailure | null;
  /** The calls to DigitalOcean that went wrong last, in a row; null when the last one went well. */
  trouble: ProvisionTrouble | null;
  /** Of a failed one: nothing of it is left at DigitalOcean. */
  cleaned: boolean;
}

/** One try to create the droplet: one call at most, one nonce, one bootstrap token. */
export interface ProvisionAttempt {
  /** Stored before the first call, and carried by the droplet as a tag. 128 random bits in hex. */
  nonce: string;
  /** When it began, in milliseconds since the epoch. */
  startedAt: number;
  /** Where; null until it is sent. */
  region: string | null;
  /** Which size; null until it is sent. */
  size: string | null;
  /** Id of the DigitalOcean team that it is made in, so that no other team's view is believed; null when that is not known. */
  team: string | null;
  /** SHA-256 of the bootstrap token in hex; null until it is sent. The token itself is in the user-data alone. */
  bootstrapTokenHash: string | null;
  /** Just before the create was sent; null until then. From here on the droplet may be there. */
  sentAt: number | null;
  /** By when its runtime must have called home; null until it is sent. */
  deadline: number | null;
  /** Every droplet that was seen with its nonce: one, unless something went wrong. */
  droplets: AttemptDroplet[];
  /** SHA-256 of the service token that the droplet brought; null until it did. */
  serviceTokenHash: string | null;
  /** When it brought that. */
  exchangedAt: number | null;
  /** The droplet that brought it, as it says itself; null when it did not say. */
  home: number | null;
  /** How often its bootstrap token was refused. */
  refusals: number;
  /** What the droplet told of its first boot, oldest first. */
  phases: PhaseReport[];
  /** How it ended; null while it is open. */
  decided: { how: AttemptDecision; at: number } | null;
}

/**
 * How an attempt ended.
 *
 * - `running`: its runtime called home; its droplet is the account's
 * - `refused`: the create was certainly not done
 * - `notCreated`: nobody knew, and nothing was there when it was looked for
 * - `failed`: it did not get to run in time, or said so, or its droplet vanished
 * - `destroyed`: the droplet was not wanted any more
 */
export type AttemptDecision = "running" | "refused" | "notCreated" | "failed" | "destroyed";

/** A droplet of an attempt. */
export interface AttemptDroplet {
  /** DigitalOcean's id. */
  id: number;
  /** As DigitalOcean says: ISO 8601. */
  createdAt: string;
  /** When its delete was accepted, in milliseconds since the epoch; null before. */
  deletedAt: number | null;
  /** DigitalOcean has it no more. */
  gone: boolean;
}

/** What a droplet told of a phase of its first boot. */
export interface PhaseReport {
  /** Such as `docker`. */
  phase: string;
  /** Whether it went well. */
  ok: boolean;
  /** The last lines of standard error, scrubbed and bounded; empty for none. */
  stderrTail: string;
  /** Milliseconds since the epoch. */
  at: number;
}

/** Why there is no droplet. */
export interface ProvisionFailure {
  /** In one word. */
  reason: ProvisionFailureReason;
  /** One sentence, safe to show. */
  message: string;
  /** Milliseconds since the epoch. */
  at: number;
}

/** In one word, why there is no droplet: what DigitalOcean said, or what was seen. */
export type ProvisionFailureReason =
  | DropletApiReason
  | "deadline"
  | "phaseFailed"
  | "dropletGone"
  | "userData"
  | "disabled";

/** Calls that went wrong in a row. */
export interface ProvisionTrouble {
  /** How many. */
  count: number;
  /** The last one, in one word. */
  reason: DropletApiReason;
  /** One sentence, safe to show. */
  message: string;
  /** Nothing is called before this, in milliseconds since the epoch. */
  notBefore: number;
}

/**
 * The attempt whose droplet is the account's, or is to be.
 *
 * @param record as stored
 */
export function liveAttempt(record: ProvisionRecord): ProvisionAttempt | null {
  if (record.state !== "provisioning" && record.state !== "running") return null;
  const last = record.attempts.at(-1);
  return last !== undefined && (last.decided === null || last.decided.how === "running") ? last : null;
}

/**
 * The droplet that stays, of those that are there: the one that called home, else the oldest of the live attempt. All other
 * droplets of the account's attempts are to go.
 *
 * @param record as stored
 */
export function keptDroplet(record: ProvisionRecord): AttemptDroplet | null {
  const live = liveAttempt(record);
  const there = live?.droplets.filter(({ gone, deletedAt }) => !gone && deletedAt === null) ?? [];
  return (
    there.find(({ id }) => id === live?.home) ??
    there.toSorted((a, b) =>
      a.createdAt === b.createdAt ? a.id - b.id : a.createdAt < b.createdAt ? -1 : 1,
    )[0] ??
    null
  );
}

/**
 * By when a droplet that is being made must be there, or have called home; null when none is being made.
 *
 * @param record as stored
 */
export function deadlineOf(record: ProvisionRecord): number | null {
  if (record.state !== "provisioning") return null;
  return liveAttempt(record)?.deadline ?? record.createBy;
}

/**
 * Hashes of the service tokens that droplets brought and that are good. A store keeps its tokens in line with this: what is
 * not (any more) among these is revoked.
 *
 * @param record as stored
 */
export function serviceTokensOf(record: ProvisionRecord): string[] {
  // A runtime whose droplet is to go may still hand in what it has done; without its droplet it is nobody's.
  const attempt = record.state === "destroying" ? record.attempts.at(-1) : liveAttempt(record);
  return attempt?.serviceTokenHash ? [attempt.serviceTokenHash] : [];
}
