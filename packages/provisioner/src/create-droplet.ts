import {
  DropletApiError,
  hashToken,
  InvalidInputError,
  LobsterError,
  provisionTransition,
  storeChange,
  type CreateDroplet,
  type Droplet,
  type DropletSize,
  type ProvisionChange,
  type ProvisionEvent,
  type ProvisionRecord,
  type Secret,
} from "@lobstercontrol/core";
import { choiceAt, choicesOf, noSizeFor, sizeFor } from "./choose.ts";
import { ensureFirewall, firewallFor } from "./firewall.ts";
import { newBootstrapToken } from "./random-bits.ts";
import type { Settings } from "./settings.ts";
import { teamOf } from "./team.ts";
import { isPermanent, safeMessage, troubleOf } from "./trouble.ts";

/** What came of a create, for whoever stores it. */
export type CreateResult =
  /** It was not sent, for what these events say; for none when somebody else has changed the record meanwhile. */
  | { sent: false; events: ProvisionEvent[] }
  /** It was sent, once. These events follow, whatever the record is by then; nobody knows yet when there are none. */
  | { sent: true; events: ProvisionEvent[]; error: DropletApiError | null };

/**
 * Creates the droplet of an attempt: firewall, size, user-data, and the one call that must never be sent twice.
 *
 * The token's hash and the time are stored just before that call, by compare-and-swap: whoever stores them sends it, and
 * nobody else does; and whoever finds them later knows that the droplet may be there.
 *
 * @param change the record with an attempt that was not sent, as it was read and has become since
 */
export async function createDroplet(
  settings: Settings,
  change: ProvisionChange,
  nonce: string,
): Promise<CreateResult> {
  const { api, clock, store, tags, timing } = settings;
  const { spec, choice: turn } = change.record;
  const choice = choiceAt(spec, turn);
  await ensureFirewall(api, await firewallFor(tags, spec));

  const sizes = choice.size === null ? await api.listSizes() : null;
  const found = sizes && sizeFor(choice, sizes);
  if (sizes !== null && found === null)
    return { sent: false, events: withoutSize(settings, change.record, nonce, sizes) };
  const team = await teamOf(api);
  const bootstrapToken = newBootstrapToken();
  let request: CreateDroplet;
  try {
    const chosen = {
      region: choice.region,
      size: found?.slug ?? choice.size!,
      memoryMib: found?.memoryMib ?? null,
    };
    request = await createRequest(settings, change.record, { ...chosen, nonce, bootstrapToken });
  } catch (error) {
    if (!LobsterError.isInstance(error)) throw error;
    const reason = InvalidInputError.isInstance(error) ? "invalid" : "userData";
    return { sent: false, events: [{ type: "failed", reason, message: error.message }] };
  }

  const { region, size } = request;
  const sending = provisionTransition(
    change.record,
    {
      type: "sending",
      nonce,
      region,
      size,
      team,
      bootstrapTokenHash: await hashToken(bootstrapToken),
      deadline: clock.now() + timing.bootMs,
    },
    clock.now(),
  );
  const stored = await storeChange(store, {
    record: sending.record,
    activities: [...change.activities, ...sending.activities],
  });
  if (!stored) return { sent: false, events: [] };
  try {
    const droplet = await api.createDroplet(request);
    return { sent: true, events: [seenEvent([droplet], () => nonce)], error: null };
  } catch (error) {
    // Anything else is a bug of somebody's, and tells nothing about what was done.
    if (!DropletApiError.isInstance(error)) throw error;
    return { sent: true, events: afterError(settings, sending.record, nonce, error), error };
  }
}

/** No size suits where it is this choice's turn. */
function withoutSize(
  settings: Settings,
  record: ProvisionRecord,
  nonce: string,
  sizes: readonly DropletSize[],
): ProvisionEvent[] {
  const choice = choiceAt(record.spec, record.choice);
  const { message } = noSizeFor(choice);
  // A region that is sold out is not on its sizes. One that is on none at all is more likely misspelt.
  const isKnown = sizes.some(({ regions }) => regions.includes(choice.region));
  if (!isKnown && isLastChoice(record)) return [{ type: "failed", reason: "invalid", message }];
  const soldOut = { outcome: "notSent", reason: "noCapacity", problem: message } as const;
  return afterError(settings, record, nonce, new DropletApiError(soldOut));
}

/** Whether all choices have had their turn then. */
const isLastChoice = ({ choice, spec }: ProvisionRecord): boolean =>
  (choice + 1) % choicesOf(spec).length === 0;

function afterError(
  settings: Settings,
  record: ProvisionRecord,
  nonce: string,
  error: DropletApiError,
): ProvisionEvent[] {
  if (error.outcome === "unknown") return [];
  const noCapacity = error.reason === "noCapacity";
  const refused: ProvisionEvent = { type: "refused", nonce, nextChoice: noCapacity };
  if (isPermanent(error))
    return [refused, { type: "failed", reason: error.reason, message: safeMessage(error) }];
  // Another place is worth a try at once; the same ones again are not.
  if (noCapacity && !isLastChoice(record)) return [refused];
  return [refused, { type: "troubled", trouble: troubleOf(record, error, settings) }];
}

/** What is asked of DigitalOcean. */
export async function createRequest(
  { tags, userData }: Settings,
  { account, spec }: Pick<ProvisionRecord, "account" | "spec">,
  chosen: { region: string; size: string; memoryMib: number | null; nonce: string; bootstrapToken: Secret },
): Promise<CreateDroplet> {
  const { region, size, memoryMib, nonce, bootstrapToken } = chosen;
  const accountTag = await tags.account(account);
  const { tags: firewallTags } = await firewallFor(tags, spec);
  const { image, sshKeys, vpc, ipv6, monitoring, backups } = spec;
  return {
    // Names are not unique, and prove nothing: this one is for people.
    name: `${tags.all}-${accountTag.slice(-12)}-${nonce.slice(0, 8)}`,
    region,
    size,
    image,
    userData: userData({ account, bootstrapToken, spec, memoryMib }),
    tags: [tags.all, accountTag, tags.attempt(nonce), ...firewallTags, ...spec.tags],
    sshKeys,
    vpc,
    ipv6,
    monitoring,
    backups,
  };
}

/** What was seen, for the record. */
export function seenEvent(
  droplets: readonly Droplet[],
  nonceOf: (droplet: Droplet) => string | null,
): Extract<ProvisionEvent, { type: "seen" }> {
  return {
    type: "seen",
    droplets: droplets.flatMap((droplet) => {
      const nonce = nonceOf(droplet);
      return nonce === null ? [] : [{ id: droplet.id, createdAt: droplet.createdAt, nonce }];
    }),
  };
}
