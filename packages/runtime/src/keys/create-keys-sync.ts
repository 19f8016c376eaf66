import {
  askProvider,
  scrubbedLogger,
  silentLogger,
  systemClock,
  type Clock,
  type Logger,
  type ProbeOptions,
  type ProbeVerdict,
  type ProviderKeySet,
  type RuntimePort,
  type Secret,
} from "@lobstercontrol/core";
import type { GatewayControl } from "@lobstercontrol/openclaw-client/control";
import type { GatewayConfig } from "../gateway-config/create-gateway-config.ts";
import { createDue } from "../gateway-config/due.ts";
import { createOneByOne } from "../gateway-config/one-by-one.ts";
import { findingOf, notToldFinding, retryInMs } from "../gateway-config/problem.ts";
import type { Conditions, Finding } from "../health/conditions.ts";
import { someOf } from "../health/some-of.ts";
import type { KeysSync } from "../service-options.ts";
import { bringKeys, type KeyProblem } from "./bring-keys.ts";
import { createProviderRuns } from "./provider-runs.ts";

/** How {@link createKeysSync} is set up. */
export interface KeysSyncOptions {
  /** Reveals the keys. */
  port: Pick<RuntimePort, "providerKeys">;
  /** Has the gateway read its secrets, and proves what it holds. */
  control: Pick<GatewayControl, "reloadSecrets" | "proveSecret">;
  /** Writes `openclaw.json`; the roster's sync has the same one. */
  config: GatewayConfig;
  /** Takes what is found about `KeysActive` and `ProviderAuthorized`. */
  conditions: Pick<Conditions, "set">;
  /** Serve an account that has stored no key at all. They come from the operator's environment, and are warned about. */
  fallbackKeys?: ProviderKeySet["keys"];
  /**
   * Asks a provider whether it knows a new key, before the gateway gets it: one that is refused is never activated. Default:
   * the known providers are asked at their own addresses, unless `base.providers` has another address for them. Null asks
   * nobody.
   */
  probeKey?: ((key: { provider: string; key: Secret }) => Promise<ProbeVerdict>) | null;
  /** Reaches providers, for the default of `probeKey` alone. Default: the platform's. */
  fetch?: typeof fetch;
  /** Whose time. */
  clock?: Clock;
  /** Gives a number in [0, 1). */
  random?: () => number;
  /** Where log lines go: nowhere by default. */
  logger?: Logger;
}

/** A key that a provider refused may only have been made a minute ago. */
const askAgainMs = 300_000;
/** So many sentences fit into the message of a condition. */
const mostProblems = 3;

/**
 * Brings the account's provider keys to its gateway (promise 9): looked at, shown to their provider, written to secret files,
 * loaded, and proven to be the active ones. A key that does not get there leaves the one before it in use, and `KeysActive`
 * says why.
 */
export function createKeysSync(options: KeysSyncOptions): KeysSync {
  const { port, control, config, conditions, fallbackKeys = [] } = options;
  const { clock = systemClock, random = Math.random } = options;
  const { probeKey = askKnownProviders(config, { clock, ...(options.fetch && { fetch: options.fetch }) }) } =
    options;
  const logger = scrubbedLogger(options.logger ?? silentLogger);
  const oneByOne = createOneByOne();
  const due = createDue(clock);
  const runs = createProviderRuns(clock, () => config.provider());
  /** What the gateway was last proven to hold, by provider. */
  const active = new Map<string, Secret>();
  let refused: readonly KeyProblem[] = [];
  let hasKeys: boolean | null = null;
  let warned = false;
  let proven = 0;
  let confirmed = 0;
  let tries = 0;

  function later(wanted: number, finding: Finding): void {
    conditions.set("KeysActive", finding);
    logger.warn({ reason: finding.reason, tries }, "the provider keys are not synced");
    due.settle([wanted], retryInMs(++tries, random));
  }

  async function bring(wanted: number, force: boolean): Promise<void> {
    let stored: ProviderKeySet;
    try {
      stored = await port.providerKeys();
    } catch (error) {
      return later(wanted, notToldFinding(error));
    }
    const { generation } = stored;
    const fallback = stored.keys.length === 0 && fallbackKeys.length > 0;
    const keys = fallback ? fallbackKeys : stored.keys;
    if (fallback && !warned) warnOfFallback();
    hasKeys = keys.length > 0;

    let brought;
    try {
      brought = await bringKeys({ keys, force, config, control, probeKey });
    } catch (error) {
      return later(wanted, findingOf(error));
    }
    noteActive(brought.active, keys);
    refused = brought.problems.filter(({ reason }) => reason === "KeyRefused");
    if (brought.problems.length > 0 || brought.failure !== null) {
      const finding =
        brought.failure === null ? problemFinding(brought.problems) : findingOf(brought.failure);
      later(wanted, finding);
      // What a person has to mend is looked at again all the same: it costs little, and a resync need not be asked for.
      if (brought.failure === null && brought.problems.every(({ isOurs }) => !isOurs))
        due.settle([wanted, generation], askAgainMs);
      return;
    }
    tries = 0;
    proven = generation;
    confirm();
    conditions.set("KeysActive", activeFinding(generation, keys.length, fallback));
    logger.info(
      { generation, providers: keys.map(({ provider }) => provider) },
      "the gateway has the provider keys",
    );
    due.settle([wanted, generation], null);
  }

  function warnOfFallback(): void {
    warned = true;
    logger.warn(
      { providers: fallbackKeys.map(({ provider }) => provider) },
      "The account has stored no provider keys: the operator's own serve, which are not in the vault.",
    );
  }

  function noteActive(now: ReadonlyMap<string, Secret>, keys: ProviderKeySet["keys"]): void {
    for (const [provider, key] of now) {
      if (active.get(provider)?.reveal() === key.reveal()) continue;
      active.set(provider, key);
      runs.activated(provider);
    }
    for (const provider of active.keys()) {
      if (keys.some((key) => key.provider === provider)) continue;
      active.delete(provider);
      runs.forgotten(provider);
    }
  }

  /** All or none: which of its keys a generation has changed, nobody says here. */
  function confirm(): void {
    if ([...active.keys()].every((provider) => runs.isUsed(provider))) confirmed = proven;
  }

  function tell(): void {
    const [first] = refused;
    if (first !== undefined) {
      const names = someOf(refused.map(({ provider }) => provider));
      const message = `Refused by its provider, and not activated: the key of ${names}. The one before it stays in use.`;
      return conditions.set("ProviderAuthorized", { status: "false", reason: "KeyRefused", message });
    }
    const finding = runs.finding();
    if (finding !== null) return conditions.set("ProviderAuthorized", finding);
    if (hasKeys !== null) conditions.set("ProviderAuthorized", hasKeys ? notTried : noKeys);
  }

  function nextInMs(): number | null {
    const waits = [due.inMs(), runs.changesInMs()].filter((wait) => wait !== null);
    return waits.length === 0 ? null : Math.min(...waits);
  }

  return {
    sync: ({ wanted, force, signal }) =>
      oneByOne(async () => {
        if (!signal.aborted && (force || due.isDue(wanted))) await bring(wanted, force);
        tell();
        return { proven, nextInMs: nextInMs(), ...(tries > 0 && { failed: true }) };
      }),
    onEvent(event) {
      runs.onEvent(event);
      // While something is not as wanted, what is used is not the generation that is proven.
      if (event.type === "delivered" && due.inMs() === null) confirm();
      if (event.type === "delivered" || event.type === "failed") tell();
    },
    confirmed: () => confirmed,
  };
}

/** A key for a proxy must not go to the provider whose name it has. */
function askKnownProviders(
  { base }: GatewayConfig,
  how: ProbeOptions,
): NonNullable<KeysSyncOptions["probeKey"]> {
  return async ({ provider, key }) =>
    base.providers?.[provider]?.baseUrl === undefined ? await askProvider({ provider, key }, how) : "unknown";
}

const notTried: Finding = {
  status: "unknown",
  reason: "NotTried",
  message: "No run has shown yet whether the model provider takes the key.",
};

const noKeys: Finding = {
  status: "unknown",
  reason: "NoKeys",
  message: "The account has stored no provider key, and there is none to fall back to.",
};

function activeFinding(generation: number, count: number, fallback: boolean): Finding {
  if (count === 0)
    return { status: "true", reason: "NoKeys", message: "The account has stored no provider key." };
  return fallback
    ? {
        status: "true",
        reason: "FallbackKeys",
        message: "The account has stored no provider key: the operator's own serve.",
      }
    : {
        status: "true",
        reason: "Active",
        message: `The gateway is proven to hold the keys of generation ${generation}.`,
      };
}

function problemFinding(problems: readonly KeyProblem[]): Finding {
  const [first] = problems;
  const told = problems.slice(0, mostProblems).map(({ message }) => message);
  const more = problems.length - told.length;
  if (more > 0) told.push(`And ${more} more.`);
  return { status: "false", reason: first?.reason ?? "KeyNotLoaded", message: told.join(" ") };
}
