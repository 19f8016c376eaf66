import type { Clock } from "@lobstercontrol/core";
import type { OpenClawClient } from "@lobstercontrol/openclaw-client";
import type { Conditions } from "../health/conditions.ts";
import { DirectiveFailed } from "./directive-failed.ts";
import type { Journal, JournalState, UpgradeUnderWay } from "./journal.ts";
import type { Done } from "./run-directives.ts";
import { untilHealthy } from "./until-healthy.ts";

/** What an upgrade needs. */
export interface UpgradeOptions {
  client: Pick<OpenClawClient, "probe">;
  journal: Journal;
  conditions: Conditions;
  /** Hands a version over to the supervisor, for which the one that runs already is no work. It may end this very process. */
  onUpgrade: ((target: string) => Promise<void>) | null;
  /** The version of the runtime, for when nothing better is known. */
  version: string;
  /** How long what is new may take until it is healthy, in milliseconds. */
  gateMs: number;
  clock: Clock;
  signal: AbortSignal;
}

type UpgradeFinding = NonNullable<JournalState["upgraded"]>;

/** A version or an image digest: it goes to a program, and nothing else must. */
const targetPattern = /^[\w][\w.+:@/-]{0,255}$/;

/**
 * Brings another version: hands it over, looks whether what comes up is healthy, and goes back when it is not. Each step is
 * stored before it is taken, so that the process that comes up takes the upgrade up where its predecessor was.
 *
 * @throws {DirectiveFailed} when it could not be begun
 */
export async function upgrade(
  { id, target }: { id: string; target: string },
  options: UpgradeOptions,
): Promise<Done> {
  const { journal, onUpgrade, version } = options;
  const { upgrade: underWay, release } = journal.state();
  if (underWay?.id === id) return await goOn(underWay, options);
  if (onUpgrade === null)
    throw new DirectiveFailed("This runtime has no hook to hand an upgrade over to (UPGRADE_HOOK).");
  if (!targetPattern.test(target)) throw new DirectiveFailed("The target is no version and no image digest.");
  const begun: UpgradeUnderWay = { id, target, previous: release ?? version, step: "handedOver" };
  await journal.change({ upgrade: begun });
  return await goOn(begun, options);
}

async function goOn(underWay: UpgradeUnderWay, options: UpgradeOptions): Promise<Done> {
  const { journal, conditions, signal } = options;
  const { target, previous } = underWay;
  let why = "it did not become healthy";
  if (underWay.step === "handedOver") {
    conditions.set("Upgraded", finding("Upgrading", `An upgrade to ${target} is under way.`));
    const problem = await handOver(target, options);
    if (problem === null) {
      const message = `The upgrade to ${target} was made.`;
      return end(true, { ...finding("Upgraded", message), status: "true" }, { release: target });
    }
    // Whoever stops this process has other plans; the next one takes this up.
    if (signal.aborted) throw new DirectiveFailed("The runtime was stopped during the upgrade.");
    await journal.change({ upgrade: { ...underWay, step: "rollingBack" } });
    why = problem;
  }

  const failed = `The upgrade to ${target} failed (${why})`;
  conditions.set("Upgraded", finding("RollingBack", `${failed}; going back to ${previous}.`));
  const problem = await handOver(previous, options);
  if (signal.aborted) throw new DirectiveFailed("The runtime was stopped during the way back.");
  return problem === null
    ? end(false, finding("RolledBack", `${failed}; ${previous} runs again.`), { release: previous })
    : end(false, finding("RollbackFailed", `${failed}, and so did going back to ${previous} (${problem}).`));

  function end(ok: boolean, upgraded: UpgradeFinding, more: { release?: string } = {}): Done {
    conditions.set("Upgraded", upgraded);
    return { ok, message: upgraded.message, journal: { upgraded, ...more } };
  }
}

/** @returns what went wrong; null when it is there and healthy */
async function handOver(to: string, options: UpgradeOptions): Promise<string | null> {
  const { onUpgrade, client, clock, signal, gateMs } = options;
  if (onUpgrade === null) return "there is no hook to hand it over to";
  try {
    await onUpgrade(to);
  } catch (error) {
    return error instanceof DirectiveFailed ? error.message : "the hook failed";
  }
  return (await untilHealthy({ client, clock, signal, withinMs: gateMs }))
    ? null
    : `the gateway was not healthy within ${gateMs} ms`;
}

const finding = (reason: string, message: string): UpgradeFinding => ({ status: "false", reason, message });
