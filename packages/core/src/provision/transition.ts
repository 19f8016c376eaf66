import type { AccountId } from "../ids.ts";
import type { Activity } from "../ports/admin.ts";
import { ProvisionStateError } from "./errors.ts";
import {
  deadlineOf,
  liveAttempt,
  type AttemptDecision,
  type AttemptDroplet,
  type ProvisionAttempt,
  type ProvisionFailureReason,
  type ProvisionRecord,
  type ProvisionTrouble,
} from "./record.ts";
import type { DropletSpec } from "./spec.ts";

/** What happens to an account's droplet. */
export type ProvisionEvent =
  /** Somebody wants one. */
  | {
      type: "requested";
      account: AccountId;
      spec: DropletSpec;
      actor: string;
      nonce: string;
      createBy: number;
    }
  /** Somebody wants the failed one tried again. */
  | { type: "retried"; actor: string; nonce: string; createBy: number }
  /** Somebody wants it gone. */
  | { type: "destroyRequested"; actor: string }
  /** A further attempt begins. */
  | { type: "attempted"; nonce: string }
  /** The create of an attempt is about to be sent. Whoever stores this, and nobody else, sends it, once. */
  | {
      type: "sending";
      nonce: string;
      region: string;
      size: string;
      team: string | null;
      bootstrapTokenHash: string;
      deadline: number;
    }
  /** The create of an attempt was certainly not done. */
  | { type: "refused"; nonce: string; nextChoice: boolean }
  /** Nothing was there when it was looked for. */
  | { type: "notCreated"; nonce: string }
  /** Droplets were seen that carry the nonce of an attempt. */
  | { type: "seen"; droplets: readonly { id: number; createdAt: string; nonce: string }[] }
  /** DigitalOcean has accepted to delete droplets. */
  | { type: "deleting"; droplets: readonly number[] }
  /** DigitalOcean has these droplets no more. */
  | { type: "gone"; droplets: readonly number[] }
  /** It cannot be made. */
  | { type: "failed"; reason: ProvisionFailureReason; message: string }
  /** Its deadline has passed. */
  | { type: "expired" }
  /** Nothing of it is left. */
  | { type: "cleaned" }
  /** A call to DigitalOcean went wrong, or went well again (null). */
  | { type: "troubled"; trouble: ProvisionTrouble | null };

/** What an event makes of a record: what is to be stored, in one transaction. */
export interface ProvisionChange {
  /** As it is to be; the very same object when nothing changed. Its revision is the one handed in. */
  record: ProvisionRecord;
  /** What the audit log gets. */
  activities: Omit<Activity, "id">[];
}

/** Who did what nobody asked for. */
const provisioner = "provisioner";

/**
 * Applies one event to a record. Every control plane stores exactly what this returns. An event that comes twice, or too
 * late, changes nothing, so that whoever crashed after storing may be followed by somebody who does not know.
 *
 * @param record as stored; null when the account never had a droplet
 * @param event what happened
 * @param now milliseconds since the epoch, by the control plane's clock
 * @throws {ProvisionStateError} `ERR_PROVISION_STATE` when it is asked for what cannot be asked for now
 */
export function provisionTransition(
  record: ProvisionRecord | null,
  event: ProvisionEvent,
  now: number,
): ProvisionChange {
  if (event.type === "requested") return request(record, event, now);
  if (event.type === "retried") return retry(record, event, now);
  if (record === null) throw new ProvisionStateError({ asked: "retry", state: "absent" });
  switch (event.type) {
    case "destroyRequested":
      if (record.state === "destroying" || record.state === "destroyed") return same(record);
      return {
        record: { ...decided(record, "destroyed", now), state: "destroying", since: now, trouble: null },
        activities: [{ type: "runtime_destroy_requested", actor: event.actor, subject: null, at: now }],
      };
    case "attempted":
      if (record.state !== "provisioning" || liveAttempt(record) !== null) return same(record);
      return only({ ...record, attempts: [...pruned(record.attempts), newAttempt(event.nonce, now)] });
    case "sending": {
      const { nonce, region, size, team, bootstrapTokenHash, deadline } = event;
      return only(
        withAttempt(record, nonce, (attempt) => ({
          ...attempt,
          region,
          size,
          team,
          bootstrapTokenHash,
          deadline,
          sentAt: now,
        })),
      );
    }
    case "refused": {
      const next = decide(record, event.nonce, "refused", now);
      return next === record
        ? same(record)
        : only({ ...next, choice: record.choice + (event.nextChoice ? 1 : 0) });
    }
    case "notCreated":
      return only(decide(record, event.nonce, "notCreated", now));
    case "seen":
      return only(seen(putRight(record, now), event.droplets, now));
    case "deleting":
      return only(
        withDroplets(record, event.droplets, (droplet) =>
          droplet.deletedAt === null ? { ...droplet, deletedAt: now } : droplet,
        ),
      );
    case "gone":
      return only(
        withDroplets(record, event.droplets, (droplet) =>
          droplet.gone ? droplet : { ...droplet, gone: true },
        ),
      );
    case "failed":
      return fail(record, event.reason, event.message, now);
    case "expired":
      return isOverdue(record, now) ? expire(record, now) : same(record);
    case "cleaned":
      if (record.state === "failed")
        return record.cleaned ? same(record) : only({ ...record, cleaned: true });
      if (record.state !== "destroying") return same(record);
      return {
        record: { ...record, state: "destroyed", since: now, trouble: null },
        activities: [
          { type: "runtime_destroyed", actor: provisioner, subject: lastDroplet(record), at: now },
        ],
      };
    case "troubled":
      return event.trouble === null && record.trouble === null
        ? same(record)
        : only({ ...record, trouble: event.trouble });
  }
}

/**
 * Whether a droplet is still being made though its deadline has passed: it has failed, whether anybody has stored that yet
 * or not (promise 11).
 *
 * @param record as stored
 * @param now milliseconds since the epoch
 */
export function isOverdue(record: ProvisionRecord, now: number): boolean {
  const deadline = deadlineOf(record);
  return deadline !== null && now > deadline;
}

/**
 * A record whose deadline has passed, as failed.
 *
 * @param record as stored; it must be overdue
 * @param now milliseconds since the epoch
 */
export function expire(record: ProvisionRecord, now: number): ProvisionChange {
  const live = liveAttempt(record);
  if (live?.sentAt == null && record.trouble !== null)
    return fail(record, record.trouble.reason, record.trouble.message, now);
  return fail(record, "deadline", `${missed(live)} before its deadline.`, now);
}

function missed(live: ProvisionAttempt | null): string {
  if (live?.sentAt == null) return "The droplet could not be created";
  const last = live.phases.at(-1);
  if (live.exchangedAt !== null) return "The runtime exchanged its bootstrap token, and did not report";
  return last === undefined
    ? "The droplet was created, and was not heard from"
    : `The droplet got as far as the phase ${JSON.stringify(last.phase)}, and did not call home`;
}

/** Fails what is being made or runs. */
export function fail(
  record: ProvisionRecord,
  reason: ProvisionFailureReason,
  message: string,
  now: number,
): ProvisionChange {
  if (record.state !== "provisioning" && record.state !== "running") return same(record);
  return {
    record: {
      ...decided(record, "failed", now),
      state: "failed",
      since: now,
      failure: { reason, message, at: now },
      trouble: null,
      cleaned: false,
    },
    activities: [{ type: "runtime_provision_failed", actor: provisioner, subject: reason, at: now }],
  };
}

function request(
  record: ProvisionRecord | null,
  event: Extract<ProvisionEvent, { type: "requested" }>,
  now: number,
): ProvisionChange {
  const before = record !== null && isOverdue(record, now) ? expire(record, now) : null;
  const state = before?.record.state ?? record?.state ?? "absent";
  if (record !== null && (state === "provisioning" || state === "running")) {
    // The answer was lost, and it was asked again.
    if (JSON.stringify(record.spec) === JSON.stringify(event.spec)) return same(record);
    throw new ProvisionStateError({ asked: "provision", state });
  }
  if (state === "destroying") throw new ProvisionStateError({ asked: "provision", state });
  return begin(before?.record ?? record, event, before?.activities ?? [], now);
}

function retry(
  record: ProvisionRecord | null,
  event: Extract<ProvisionEvent, { type: "retried" }>,
  now: number,
): ProvisionChange {
  const before = record !== null && isOverdue(record, now) ? expire(record, now) : null;
  const failed = before?.record ?? record;
  if (failed?.state !== "failed")
    throw new ProvisionStateError({ asked: "retry", state: failed?.state ?? "absent" });
  const { account, spec } = failed;
  return begin(failed, { ...event, account, spec }, before?.activities ?? [], now);
}

/** Whatever earlier attempts have left behind stays in the record: it is deleted before anything is created. */
function begin(
  record: ProvisionRecord | null,
  event: { account: AccountId; spec: DropletSpec; actor: string; nonce: string; createBy: number },
  activities: ProvisionChange["activities"],
  now: number,
): ProvisionChange {
  return {
    record: {
      account: event.account,
      revision: record?.revision ?? 0,
      state: "provisioning",
      since: now,
      spec: event.spec,
      requestedBy: event.actor,
      createBy: event.createBy,
      choice: 0,
      attempts: [...pruned(record?.attempts ?? []), newAttempt(event.nonce, now)],
      failure: null,
      trouble: null,
      cleaned: false,
    },
    activities: [
      ...activities,
      { type: "runtime_provision_requested", actor: event.actor, subject: null, at: now },
    ],
  };
}

const newAttempt = (nonce: string, now: number): ProvisionAttempt => ({
  nonce,
  startedAt: now,
  region: null,
  size: null,
  team: null,
  bootstrapTokenHash: null,
  sentAt: null,
  deadline: null,
  droplets: [],
  serviceTokenHash: null,
  exchangedAt: null,
  home: null,
  refusals: 0,
  phases: [],
  decided: null,
});

/** The most attempts that a record remembers. */
const maxAttempts = 100;

/** Forgets the oldest attempts that have certainly left nothing behind; what may have is remembered as long as there is room. */
function pruned(attempts: readonly ProvisionAttempt[]): ProvisionAttempt[] {
  const kept = attempts.filter(
    ({ decided: end, sentAt }, index) =>
      index >= attempts.length - 3 || !(end?.how === "refused" || (end !== null && sentAt === null)),
  );
  return kept.slice(1 - maxAttempts);
}

const only = (record: ProvisionRecord): ProvisionChange => ({ record, activities: [] });
const same = only;

/** Changes the attempt of this nonce; the very same record when that changes nothing. */
export function withAttempt(
  record: ProvisionRecord,
  nonce: string,
  change: (attempt: ProvisionAttempt) => ProvisionAttempt,
): ProvisionRecord {
  const attempt = record.attempts.find((each) => each.nonce === nonce);
  const changed = attempt && change(attempt);
  if (changed === undefined || changed === attempt) return record;
  return { ...record, attempts: record.attempts.map((each) => (each === attempt ? changed : each)) };
}

function decide(record: ProvisionRecord, nonce: string, how: AttemptDecision, now: number): ProvisionRecord {
  return withAttempt(record, nonce, (attempt) =>
    attempt.decided === null ? { ...attempt, decided: { how, at: now } } : attempt,
  );
}

/** Decides the live attempt, if there is one. */
function decided(record: ProvisionRecord, how: AttemptDecision, now: number): ProvisionRecord {
  const live = liveAttempt(record);
  if (live === null) return record;
  return withAttempt(record, live.nonce, (attempt) => ({ ...attempt, decided: { how, at: now } }));
}

/** How far two clocks may be apart, in milliseconds. */
const skewMs = 60_000;

/**
 * A time that lies ahead comes from a clock that was put back since. How long ago it was nobody knows: it counts from now,
 * and what was to follow it moves along.
 */
function putRight(record: ProvisionRecord, now: number): ProvisionRecord {
  const isAhead = (at: number | null): at is number => at !== null && at > now + skewMs;
  let next = record;
  if (isAhead(next.since)) next = { ...next, since: now, createBy: next.createBy - (next.since - now) };
  for (const { nonce } of next.attempts)
    next = withAttempt(next, nonce, (attempt) => {
      if (!isAhead(attempt.sentAt)) return attempt;
      const deadline = attempt.deadline === null ? null : attempt.deadline - (attempt.sentAt - now);
      return { ...attempt, sentAt: now, deadline };
    });
  return next;
}

function seen(
  record: ProvisionRecord,
  droplets: readonly { id: number; createdAt: string; nonce: string }[],
  now: number,
): ProvisionRecord {
  let next = record;
  for (const { id, createdAt, nonce } of droplets)
    next = withAttempt(next, nonce, (attempt) => {
      const known = attempt.droplets.find((droplet) => droplet.id === id);
      if (known === undefined)
        return {
          ...attempt,
          droplets: [...attempt.droplets, { id, createdAt, deletedAt: null, gone: false }],
        };
      // It was taken for gone, and nobody here has deleted it. One that was deleted may stay in a list for a while.
      return known.gone && known.deletedAt === null
        ? {
            ...attempt,
            droplets: attempt.droplets.map((droplet) =>
              droplet.id === id ? { ...known, gone: false } : droplet,
            ),
          }
        : attempt;
    });
  if (next === record) return record;
  // One that comes to light when all was thought to be over.
  if (next.state === "failed") return { ...next, cleaned: false };
  return next.state === "destroyed" ? { ...next, state: "destroying", since: now } : next;
}

function withDroplets(
  record: ProvisionRecord,
  ids: readonly number[],
  change: (droplet: AttemptDroplet) => AttemptDroplet,
): ProvisionRecord {
  let next = record;
  for (const { nonce } of record.attempts)
    next = withAttempt(next, nonce, (attempt) => {
      const droplets = attempt.droplets.map((droplet) =>
        ids.includes(droplet.id) ? change(droplet) : droplet,
      );
      return droplets.every((droplet, index) => droplet === attempt.droplets[index])
        ? attempt
        : { ...attempt, droplets };
    });
  return next;
}

function lastDroplet(record: ProvisionRecord): string | null {
  const droplet = record.attempts.flatMap(({ droplets }) => droplets).at(-1);
  return droplet === undefined ? null : `droplet ${droplet.id}`;
}
