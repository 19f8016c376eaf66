import {
  allRecords,
  scrubbedLogger,
  silentLogger,
  sleep,
  systemClock,
  type AccountId,
  type Clock,
  type Logger,
  type Provisioner,
  type ProvisionStore,
} from "@lobstercontrol/core";

/** How reconciling is driven. */
export interface DriveReconcileOptions {
  /** What makes the steps. */
  provisioner: Pick<Provisioner, "reconcile">;
  /** Where the records are: each that has changed since its last step is due at once. */
  store: Pick<ProvisionStore, "page">;
  /** Ends it, after the step that is under way. */
  signal: AbortSignal;
  /** How often to look for records that have changed, and so how soon a new wish is noticed at the latest: 10 s by default. */
  scanMs?: number;
  /** Whose time. */
  clock?: Clock;
  /** Where failures of the store go. */
  logger?: Logger;
}

/** After a step that threw. */
const failedMs = 30_000;
/** Never sooner than this, so that a step that asks for another at once cannot take the processor. */
const leastMs = 50;

/**
 * Reconciles accounts one after another, each when its last step said so or its record has changed, until the signal ends it.
 * It is a convenience: a cron, a queue or a person may call `reconcile` just as well, also at the same time.
 *
 * @example
 * ```ts
 * import type { Provisioner, ProvisionStore } from "@lobstercontrol/core";
 * import { driveReconcile } from "@lobstercontrol/provisioner";
 *
 * declare const provisioner: Provisioner;
 * declare const store: ProvisionStore;
 * await driveReconcile({ provisioner, store, signal: AbortSignal.timeout(60_000) });
 * ```
 */
export async function driveReconcile(options: DriveReconcileOptions): Promise<void> {
  const { provisioner, store, signal, scanMs = 10_000, clock = systemClock } = options;
  const logger = scrubbedLogger(options.logger ?? silentLogger);
  const known = new Map<AccountId, { revision: number; dueAt: number }>();
  let nextScan = clock.now();

  async function scan(): Promise<void> {
    try {
      for await (const { account, revision } of allRecords(store))
        if (known.get(account)?.revision !== revision) known.set(account, { revision, dueAt: clock.now() });
    } catch (error) {
      logger.error({ error }, "The accounts to provision for could not be read.");
    }
  }

  async function step(account: AccountId): Promise<number> {
    try {
      return (await provisioner.reconcile(account)).nextInMs ?? Number.POSITIVE_INFINITY;
    } catch (error) {
      logger.error({ account, error }, "A step of provisioning failed.");
      return failedMs;
    }
  }

  let lastNow = clock.now();
  /** With a clock that was put back all would wait until that time comes again. */
  function followClock(): void {
    const backMs = lastNow - clock.now();
    lastNow = clock.now();
    if (backMs <= 0) return;
    nextScan -= backMs;
    for (const entry of known.values()) entry.dueAt -= backMs;
  }

  while (!signal.aborted) {
    followClock();
    if (clock.now() >= nextScan) {
      await scan();
      nextScan = clock.now() + scanMs;
    }
    for (const [account, entry] of known) {
      if (signal.aborted) return;
      if (entry.dueAt > clock.now()) continue;
      entry.dueAt = clock.now() + Math.max(leastMs, await step(account));
    }
    const next = Math.min(nextScan, ...[...known.values()].map(({ dueAt }) => dueAt));
    await sleep(clock, Math.max(leastMs, next - clock.now()), signal);
  }
}
