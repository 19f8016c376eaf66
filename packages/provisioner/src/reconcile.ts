import {
  DropletApiError,
  isOverdue,
  isQuiet,
  nextStep,
  provisionTransition,
  storeChange,
  updateRecord,
  type AccountId,
  type ProvisionChange,
  type ProvisionEvent,
  type ProvisionRecord,
  type ReconcileResult,
} from "@lobstercontrol/core";
import { createDroplet, seenEvent } from "./create-droplet.ts";
import { newNonce } from "./random-bits.ts";
import type { Settings } from "./settings.ts";
import { requireTeam } from "./team.ts";
import { isPermanent, safeMessage, troubleOf } from "./trouble.ts";

/** When somebody else is at it: soon, and not at once. */
const contendedMs = 1_000;

/**
 * One bounded step that brings what DigitalOcean has and what is wanted together (promise 10). `nextStep` of core decides;
 * this looks, does, and stores what came of it.
 *
 * Two kinds of storing: a decision (to create, to fail) counts only when the record is still the one that it was made on.
 * What was learned (a droplet is there, or gone) is stored whatever the record has become meanwhile.
 */
export async function reconcile(settings: Settings, account: AccountId): Promise<ReconcileResult> {
  const { api, backoff, clock, logger, store, tags, timing } = settings;
  const record = await store.read(account);
  if (record === null) return { state: "absent", nextInMs: null };

  if (isOverdue(record, clock.now())) return await decide(settings, unchanged(record), { type: "expired" });
  if (isQuiet(record)) return { state: record.state, nextInMs: null };
  const waitMs = (record.trouble?.notBefore ?? 0) - clock.now();
  // One that is far away comes from a clock that was set back since.
  if (waitMs > 0 && waitMs <= Math.max(backoff.capMs, longestWishMs))
    return { state: record.state, nextInMs: waitMs };

  try {
    const lookedAt = clock.now();
    const droplets = await api.listDroplets(await tags.account(account));
    const sight = seenEvent(droplets, tags.nonceOf);
    const seen = provisionTransition(record, sight, clock.now());
    const step = nextStep(seen.record, new Set(droplets.map(({ id }) => id)), lookedAt, timing);
    switch (step.do) {
      case "rest":
        return await rest(settings, record, seen, step.nextInMs);
      case "attempt":
        return await decide(settings, seen, { type: "attempted", nonce: newNonce() });
      case "create":
        if (!(await settings.isEnabled(account)))
          return await decide(settings, seen, {
            type: "failed",
            reason: "disabled",
            message: "Provisioning was switched off.",
          });
        return await create(settings, seen, step.nonce);
      case "giveUp":
        await requireTeam(api, record);
        return await decide(settings, seen, { type: "notCreated", nonce: step.nonce });
      case "confirm":
        return await confirm(settings, seen, step.droplets);
      case "delete":
        for (const id of step.droplets) await api.deleteDroplet(id);
        logger.info({ account, droplets: step.droplets }, "Deleted droplets.");
        return await learn(settings, account, [sight, { type: "deleting", droplets: step.droplets }]);
      case "lost":
        await requireTeam(api, record);
        return await decide(settings, seen, {
          type: "failed",
          reason: "dropletGone",
          message: "The droplet is gone, and nobody here has deleted it.",
        });
      case "expire":
        return await decide(settings, seen, { type: "expired" });
      case "clean":
        await requireTeam(api, record);
        return await decide(settings, seen, { type: "cleaned" });
    }
  } catch (error) {
    if (!DropletApiError.isInstance(error)) throw error;
    return await noteTrouble(settings, record, error);
  }
}

/** The longest wish of DigitalOcean's that is heeded: its limits are counted by the hour. */
const longestWishMs = 60 * 60_000;

/** Nothing to do: only what was seen is stored, if it is new. The steady state writes nothing. */
async function rest(
  settings: Settings,
  record: ProvisionRecord,
  seen: ProvisionChange,
  nextInMs: number | null,
): Promise<ReconcileResult> {
  const calm = provisionTransition(seen.record, { type: "troubled", trouble: null }, settings.clock.now());
  if (calm.record !== record && !(await storeChange(settings.store, calm))) return contended(record);
  return { state: record.state, nextInMs };
}

/** Stores a decision. What was seen is stored with it. */
async function decide(
  settings: Settings,
  seen: ProvisionChange,
  ...events: readonly ProvisionEvent[]
): Promise<ReconcileResult> {
  const change = applied(settings, seen, events);
  if (!(await storeChange(settings.store, change))) return contended(seen.record);
  return after(change.record);
}

/** Stores what was learned, whatever the record has become meanwhile. */
async function learn(
  settings: Settings,
  account: AccountId,
  events: readonly ProvisionEvent[],
  nextInMs = settings.timing.pollMs,
): Promise<ReconcileResult> {
  const { store } = settings;
  const change = await updateRecord(
    store,
    () => store.read(account),
    (record) => {
      return record && applied(settings, unchanged(record), events);
    },
  );
  if (change === null) return { state: "absent", nextInMs: null };
  return isQuiet(change.record) ? after(change.record) : { state: change.record.state, nextInMs };
}

async function create(settings: Settings, seen: ProvisionChange, nonce: string): Promise<ReconcileResult> {
  const { account } = seen.record;
  const result = await createDroplet(settings, seen, nonce);
  if (!result.sent)
    return result.events.length === 0
      ? contended(seen.record)
      : await decide(settings, seen, ...result.events);
  const { error, events } = result;
  if (error !== null)
    settings.logger.warn(
      { account, reason: error.reason, outcome: error.outcome, requestId: error.requestId },
      "Creating a droplet did not go well.",
    );
  // Nobody knows whether it was done: it is looked for until it must have shown itself.
  if (events.length === 0) return { state: "provisioning", nextInMs: settings.timing.pollMs };
  return await learn(settings, account, events, error === null ? settings.timing.pollMs : 0);
}

/** Asks about each droplet by its id, where a list may lag. */
async function confirm(
  settings: Settings,
  seen: ProvisionChange,
  ids: readonly number[],
): Promise<ReconcileResult> {
  const { api, timing } = settings;
  const { account, state } = seen.record;
  const gone: number[] = [];
  const there: number[] = [];
  for (const id of ids) ((await api.getDroplet(id)) === null ? gone : there).push(id);
  const leaving = seen.record.attempts
    .flatMap(({ droplets }) => droplets)
    .filter(({ id, deletedAt }) => there.includes(id) && deletedAt !== null);
  // Accepted, and not done: said once more.
  for (const { id } of leaving) await api.deleteDroplet(id);
  if (gone.length === 0) return { state, nextInMs: state === "running" ? timing.steadyMs : timing.pollMs };
  await requireTeam(api, seen.record);
  return await learn(settings, account, [{ type: "gone", droplets: gone }], 0);
}

/** A call went wrong: the next one waits. What waiting does not mend fails what is being made, and only that. */
async function noteTrouble(
  settings: Settings,
  record: ProvisionRecord,
  error: DropletApiError,
): Promise<ReconcileResult> {
  const { account } = record;
  const { reason, outcome, requestId, message } = error;
  settings.logger.warn(
    { account, reason, outcome, requestId, problem: message },
    "A call to DigitalOcean did not go well.",
  );
  if (record.state === "provisioning" && isPermanent(error))
    return await decide(settings, unchanged(record), { type: "failed", reason, message: safeMessage(error) });
  const trouble = troubleOf(record, error, settings);
  const change = provisionTransition(record, { type: "troubled", trouble }, settings.clock.now());
  if (!(await storeChange(settings.store, change))) return contended(record);
  return { state: record.state, nextInMs: trouble.notBefore - settings.clock.now() };
}

/** What these events make of a change, one after another. */
function applied(
  { clock }: Settings,
  change: ProvisionChange,
  events: readonly ProvisionEvent[],
): ProvisionChange {
  let sum = change;
  for (const event of events) {
    const next = provisionTransition(sum.record, event, clock.now());
    sum = { record: next.record, activities: [...sum.activities, ...next.activities] };
  }
  return sum;
}

const unchanged = (record: ProvisionRecord): ProvisionChange => ({ record, activities: [] });
const contended = ({ state }: ProvisionRecord): ReconcileResult => ({ state, nextInMs: contendedMs });
const after = (record: ProvisionRecord): ReconcileResult => ({
  state: record.state,
  nextInMs: isQuiet(record) ? null : 0,
});
