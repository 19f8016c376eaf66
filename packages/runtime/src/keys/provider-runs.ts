import type { Clock, NotificationId } from "@lobstercontrol/core";
import { RunFailedError } from "@lobstercontrol/openclaw-client";
import type { RuntimeEvent } from "../events.ts";
import type { Finding } from "../health/conditions.ts";

/** What runs tell about the providers' keys. */
export interface ProviderRuns {
  /** A key of this provider, other than the one before, is proven to be in use from now on. */
  activated(provider: string): void;
  /** The account has no key of this provider any more. */
  forgotten(provider: string): void;
  /** Takes note of what a run tells. */
  onEvent(event: RuntimeEvent): void;
  /** Whether a run that began after a provider's key had become active succeeded on it. */
  isUsed(provider: string): boolean;
  /** What is known of `ProviderAuthorized`; null when no run has told anything. */
  finding(): Finding | null;
  /** How long until that changes by itself, in milliseconds; null for never. */
  changesInMs(): number | null;
}

/** For how long the gateway does not ask a provider again after it refused a key, by the number of refusals in a row. */
const coolDownsMs = [30_000, 60_000, 300_000] as const;
/** The same after it wanted to be paid first. The gateway remembers this one across restarts. */
const unpaidCoolDownMs = 600_000;

/** Whose runs are meant when the template chose the model. */
const nobody = "";

interface Refusal {
  kind: "key" | "credit";
  /** How many in a row. */
  times: number;
  /** By the clock. */
  at: number;
  forMs: number;
  /** Which key it was. */
  activation: number;
  /** A run that began earlier than this proves nothing against it. */
  began: number;
}

/**
 * Follows the runs. The gateway does not say which provider a run used: it is that of the model which the configuration gave
 * the agents when the run began, and there are no others to fall back to.
 *
 * @param providerNow the provider of the agents' model; null when that is not known
 */
export function createProviderRuns(clock: Clock, providerNow: () => string | null): ProviderRuns {
  const activations = new Map<string, number>();
  const used = new Set<string>();
  const underWay = new Map<NotificationId, { provider: string; activation: number; began: number }>();
  /** By provider and agent: the gateway keeps a cool-down for each agent. */
  const refusals = new Map<string, Map<string, Refusal>>();
  let began = 0;
  let succeeded = false;

  const activationOf = (provider: string): number => activations.get(provider) ?? 0;
  const leftMs = ({ at, forMs }: Refusal): number => {
    const passed = clock.now() - at;
    return passed < 0 ? forMs : Math.max(0, forMs - passed);
  };
  const all = () =>
    [...refusals]
      .flatMap(([provider, agents]) =>
        [...agents.values()].map((refusal) => ({
          provider,
          refusal,
          leftMs: leftMs(refusal),
          replaced: refusal.activation !== activationOf(provider),
        })),
      )
      // Another agent's run has shown that the new key is good, and this one's cool-down is over.
      .filter(({ provider, leftMs: left, replaced }) => !(replaced && left === 0 && used.has(provider)));

  function succeed(id: NotificationId, agent: string): void {
    const run = underWay.get(id);
    underWay.delete(id);
    // A reply that was found in the session: nobody knows which key it was made with.
    if (run === undefined) return;
    succeeded = true;
    if (run.activation !== activationOf(run.provider)) return;
    if (run.activation > 0) used.add(run.provider);
    const agents = refusals.get(run.provider);
    for (const [name, refusal] of agents ?? [])
      if (refusal.began < run.began && (name === agent || leftMs(refusal) === 0)) agents?.delete(name);
    if (agents?.size === 0) refusals.delete(run.provider);
  }

  function refuse(id: NotificationId, agent: string, kind: Refusal["kind"]): void {
    const run = underWay.get(id);
    const provider = run?.provider ?? providerNow() ?? nobody;
    const agents = refusals.get(provider) ?? new Map<string, Refusal>();
    const times = (agents.get(agent)?.times ?? 0) + 1;
    const forMs =
      kind === "credit" ? unpaidCoolDownMs : coolDownsMs[Math.min(times, coolDownsMs.length) - 1]!;
    const activation = run?.activation ?? activationOf(provider);
    agents.set(agent, { kind, times, at: clock.now(), forMs, activation, began });
    refusals.set(provider, agents);
  }

  return {
    activated(provider) {
      activations.set(provider, activationOf(provider) + 1);
      used.delete(provider);
    },
    forgotten(provider) {
      activations.set(provider, activationOf(provider) + 1);
      used.delete(provider);
      refusals.delete(provider);
    },
    isUsed: (provider) => used.has(provider),
    onEvent(event) {
      if (event.type === "began") {
        const provider = providerNow() ?? nobody;
        const run = { provider, activation: activationOf(provider), began: ++began };
        underWay.set(event.claim.lease.notification, run);
      } else if (event.type === "delivered") {
        succeed(event.claim.lease.notification, event.claim.agent);
      } else if (event.type === "failed") {
        const { notification } = event.claim.lease;
        const kind =
          event.failure.reason.code === RunFailedError.code ? kinds[event.gatewayType ?? ""] : undefined;
        if (kind !== undefined) refuse(notification, event.claim.agent, kind);
        underWay.delete(notification);
      } else if (event.type === "released" || event.type === "dropped") {
        underWay.delete(event.claim.lease.notification);
      }
    },
    finding() {
      const found = all();
      const refused = found.find(({ replaced }) => !replaced);
      if (refused !== undefined) return refusedFinding(refused);
      const [longest] = found.toSorted((a, b) => b.leftMs - a.leftMs);
      if (longest !== undefined) return coolingFinding(longest);
      return succeeded
        ? {
            status: "true",
            reason: "Accepted",
            message: "The last runs were accepted by their model provider.",
          }
        : null;
    },
    changesInMs() {
      const waits = all().flatMap(({ leftMs: left, replaced }) => (replaced && left > 0 ? [left] : []));
      return waits.length === 0 ? null : Math.min(...waits);
    },
  };
}

/** What the gateway calls a provider's 401 and 403, and its 402. Its own 401 is no failed run, and has another name. */
const kinds: Readonly<Record<string, Refusal["kind"]>> = {
  authentication_error: "key",
  insufficient_quota: "credit",
};

type Found = { provider: string; refusal: Refusal; leftMs: number };

function refusedFinding({ provider, refusal, leftMs }: Found): Finding {
  const next = leftMs === 0 ? "" : ` The gateway does not ask it again for ${about(leftMs)}.`;
  return refusal.kind === "key"
    ? {
        status: "false",
        reason: "KeyRefused",
        message: `${named(provider)} refused its key in a run.${next}`,
      }
    : {
        status: "false",
        reason: "NoCredit",
        message: `${named(provider)} wants to be paid before it runs more.${next}`,
      };
}

function coolingFinding({ provider, refusal, leftMs }: Found): Finding {
  if (leftMs === 0)
    return {
      status: "unknown",
      reason: "AwaitingRun",
      message: `${named(provider)} has a new key since it refused one; the next run tells whether it takes it.`,
    };
  const why =
    refusal.kind === "key"
      ? "it refused the key before"
      : "it wanted to be paid, and a restart does not end it";
  return {
    status: "false",
    reason: "CoolingDown",
    message: `${named(provider)} has a new key, and the gateway does not ask it for ${about(leftMs)}, because ${why}.`,
  };
}

const named = (provider: string): string => (provider === nobody ? "The model provider" : provider);

function about(ms: number): string {
  return ms < 90_000 ? `about ${Math.ceil(ms / 1_000)} s` : `about ${Math.ceil(ms / 60_000)} min`;
}
