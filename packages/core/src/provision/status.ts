import { docsUrl } from "../error.ts";
import type { DropletFinding } from "../health/runtime-info.ts";
import {
  deadlineOf,
  keptDroplet,
  liveAttempt,
  type PhaseReport,
  type ProvisionFailure,
  type ProvisionRecord,
  type ProvisionState,
} from "./record.ts";
import { expire, isOverdue } from "./transition.ts";

/** Where an account's droplet is in its life, for whoever may see that account. */
export interface ProvisionStatus {
  /** Computed when read: what is over its deadline has failed. */
  state: ProvisionState | "absent";
  /** Since when, in milliseconds since the epoch; null when it is absent. */
  since: number | null;
  /** By when it must be there; null when nothing is being made. */
  deadline: number | null;
  /** DigitalOcean's id of it; null when there is none, or none is known yet. */
  droplet: number | null;
  /** Where; null while that is open. */
  region: string | null;
  /** Which size; null while that is open. */
  size: string | null;
  /** What it told of its first boot, oldest first. */
  phases: PhaseReport[];
  /** Why it failed; null when it did not. */
  failure: ProvisionFailure | null;
}

/**
 * Where an account's droplet is in its life, computed when read (promise 11).
 *
 * @param stored as stored; null when the account never had one
 * @param now milliseconds since the epoch, by the control plane's clock
 */
export function provisionStatus(stored: ProvisionRecord | null, now: number): ProvisionStatus {
  if (stored === null)
    return {
      state: "absent",
      since: null,
      deadline: null,
      droplet: null,
      region: null,
      size: null,
      phases: [],
      failure: null,
    };
  const record = isOverdue(stored, now) ? expire(stored, deadlineOf(stored)!).record : stored;
  const attempt = liveAttempt(record) ?? record.attempts.at(-1);
  return {
    state: record.state,
    since: record.since,
    deadline: deadlineOf(record),
    droplet: keptDroplet(record)?.id ?? null,
    region: attempt?.region ?? null,
    size: attempt?.size ?? null,
    phases: attempt?.phases ?? [],
    failure: record.failure,
  };
}

/** How much of a phase's standard error a condition shows, in characters. */
const evidenceLength = 1_000;

/**
 * What a record comes to for the status of the account's runtime; null when there is nothing to say: there is no droplet,
 * or its runtime speaks for itself.
 *
 * @param record as stored; null when the account never had one
 * @param now milliseconds since the epoch, by the control plane's clock
 */
export function dropletFinding(record: ProvisionRecord | null, now: number): DropletFinding | null {
  const { state, since, failure, phases } = provisionStatus(record, now);
  if (record === null || state === "absent" || state === "running") return null;
  const about = {
    type: "Provisioned",
    since: since ?? 0,
    runbook: `${docsUrl}/runbooks/Provisioned`,
  } as const;
  const last = phases.at(-1);
  switch (state) {
    case "failed": {
      const evidence = last?.stderrTail.slice(-evidenceLength).replace(/^[\uDC00-\uDFFF]/, "") ?? "";
      return {
        status: "error",
        condition: {
          ...about,
          status: "false",
          reason: capital(failure?.reason ?? "failed"),
          message: failure?.message ?? "The droplet could not be made.",
          ...(evidence === "" ? {} : { evidence }),
        },
      };
    }
    case "provisioning":
      return {
        status: "provisioning",
        condition: { ...about, status: "unknown", ...progress(record, last) },
      };
    case "destroying":
      return {
        status: "destroying",
        condition: {
          ...about,
          status: "false",
          reason: "Destroying",
          message: record.trouble?.message ?? "The droplet is being deleted.",
        },
      };
    case "destroyed":
      return {
        status: "destroyed",
        condition: { ...about, status: "false", reason: "Destroyed", message: "The droplet was deleted." },
      };
  }
}

function progress(
  record: ProvisionRecord,
  last: PhaseReport | undefined,
): { reason: string; message: string } {
  const live = liveAttempt(record);
  if (record.trouble !== null)
    return { reason: capital(record.trouble.reason), message: record.trouble.message };
  if (live?.sentAt == null) return { reason: "Creating", message: "The droplet is about to be created." };
  if (live.exchangedAt !== null)
    return { reason: "Starting", message: "The droplet has called home; its first report is awaited." };
  return last === undefined
    ? { reason: "Booting", message: "The droplet was asked for, and is to call home." }
    : { reason: "Booting", message: `The droplet has passed the phase ${JSON.stringify(last.phase)}.` };
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
