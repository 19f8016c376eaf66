import { keptDroplet, liveAttempt, type ProvisionAttempt, type ProvisionRecord } from "./record.ts";
import { isOverdue } from "./transition.ts";

/** How patient provisioning is, in milliseconds. */
export interface ProvisionTiming {
  /** How long a droplet may take to be created, from the request: all attempts together. */
  createMs: number;
  /** How long a droplet may take to call home, from its creation. */
  bootMs: number;
  /**
   * How long after a create was sent DigitalOcean's lists are not believed when they do not show it. It must be longer than
   * the timeout of a call and the lag of a list together.
   */
  settleMs: number;
  /** How soon to look again at what should happen within seconds. */
  pollMs: number;
  /** How soon to look again at a droplet that boots. */
  waitMs: number;
  /** How soon to look again when all is well. */
  steadyMs: number;
}

/** What to do next about an account's droplet: one step, a handful of calls at most. */
export type ProvisionStep =
  /** Nothing. Look again after so many milliseconds; null for never. */
  | { do: "rest"; nextInMs: number | null }
  /** Begin a further attempt. */
  | { do: "attempt" }
  /** Send the create of an attempt. */
  | { do: "create"; nonce: string }
  /** The create of an attempt has settled, and there is nothing. */
  | { do: "giveUp"; nonce: string }
  /** Ask about each of these droplets, which the list does not show or which should be gone. */
  | { do: "confirm"; droplets: number[] }
  /** Delete these. */
  | { do: "delete"; droplets: number[] }
  /** The account's droplet is gone, and nobody here did that. */
  | { do: "lost" }
  /** The deadline has passed. */
  | { do: "expire" }
  /** Nothing of it is left. */
  | { do: "clean" };

/** How many droplets one step deletes or asks about. */
const handful = 5;

/**
 * Whether there is nothing to do for a record, and no need to look.
 *
 * @param record as stored
 */
export function isQuiet(record: ProvisionRecord): boolean {
  return record.state === "destroyed" || (record.state === "failed" && record.cleaned);
}

/**
 * What to do next, given what is stored and what was just seen. The droplets that were seen are in the record by then (event
 * `seen`): what carries no nonce of a recorded attempt is nobody's business here, and so is never kept and never deleted.
 *
 * @param record as stored, with what was seen
 * @param listed ids of the droplets that the list showed
 * @param lookedAt when the list was asked for, in milliseconds since the epoch
 * @param timing how patient to be
 */
export function nextStep(
  record: ProvisionRecord,
  listed: ReadonlySet<number>,
  lookedAt: number,
  timing: ProvisionTiming,
): ProvisionStep {
  if (isQuiet(record)) return { do: "rest", nextInMs: null };
  if (isOverdue(record, lookedAt)) return { do: "expire" };

  const kept = keptDroplet(record);
  // The list lags: before another one is deleted for its sake, the one that stays must be there for certain.
  if (kept !== null && !listed.has(kept.id)) {
    const until = settledAt(liveAttempt(record), timing);
    return lookedAt < until && record.state === "provisioning"
      ? rest(timing.pollMs, until - lookedAt)
      : { do: "confirm", droplets: [kept.id] };
  }

  const unwanted = record.attempts
    .flatMap(({ droplets }) => droplets)
    .filter((droplet) => !droplet.gone && droplet.id !== kept?.id);
  const fresh = unwanted.filter(({ deletedAt }) => deletedAt === null);
  if (fresh.length > 0) return { do: "delete", droplets: fresh.slice(0, handful).map(({ id }) => id) };
  if (unwanted.length > 0) return { do: "confirm", droplets: unwanted.slice(0, handful).map(({ id }) => id) };

  // What an earlier attempt may have created is seen by then, before it is called gone, or another one is created.
  const settled = Math.max(
    ...record.attempts.filter(({ decided }) => decided !== null).map((attempt) => settledAt(attempt, timing)),
    0,
  );
  const wait = rest(timing.pollMs, settled - lookedAt);
  if (record.state === "failed" || record.state === "destroying")
    return lookedAt < settled ? wait : { do: "clean" };

  const live = liveAttempt(record);
  if (live === null) return { do: "attempt" };
  if (live.sentAt === null) return lookedAt < settled ? wait : { do: "create", nonce: live.nonce };
  if (kept === null) {
    if (live.droplets.length > 0) return { do: "lost" };
    const until = settledAt(live, timing);
    if (lookedAt < until) return rest(timing.pollMs, until - lookedAt);
    // One that has called home was there, though no list ever showed it.
    return record.state === "running" ? { do: "lost" } : { do: "giveUp", nonce: live.nonce };
  }
  if (record.state === "running") return { do: "rest", nextInMs: timing.steadyMs };
  return rest(timing.waitMs, (live.deadline ?? lookedAt) - lookedAt + 1);
}

const rest = (usualMs: number, mostMs: number): ProvisionStep => ({
  do: "rest",
  nextInMs: Math.min(usualMs, mostMs),
});

/** From when on a list that does not show an attempt's droplet is believed. */
function settledAt(attempt: ProvisionAttempt | null, { settleMs }: ProvisionTiming): number {
  if (attempt?.sentAt == null || attempt.decided?.how === "refused") return 0;
  return attempt.sentAt + settleMs;
}
