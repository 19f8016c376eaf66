import {
  scrubbedLogger,
  silentLogger,
  sleep,
  systemClock,
  type Clock,
  type Logger,
  type Provisioner,
} from "@lobstercontrol/core";

/** How reconciling is driven. */
export interface DriveReconcileOptions {
  /** What makes the steps. */
  provisioner: Pick<Provisioner, "reconcile">;
  /** Gives the accounts that have a record, such as those of `allRecords(store)`. Asked again from time to time. */
  accounts: () => AsyncIterable<string> | Iterable<string>;
  /** Ends it, after the step that is under way. */
  signal: AbortSignal;
  /** How often to ask for the accounts, and so how soon a new wish is noticed at the latest: 10 s by default. */
  scanMs?: number;
  /** Whose time. */
  clock?: Clock;
  /** Where failures of the store go. */
  logger?: Logger;
}

/** When to look again at an account whose record asks for nothing any more: somebody may want something new. */
const restingMs = 60_000;
/** After a step that threw. */
const failedMs = 30_000;
/** Never sooner than this, so that a step that asks for another at once cannot take the processor. */
const leastMs = 50;

/**
 * Reconciles accounts one after another, each when its last step said so, until the signal ends it. It is a convenience: a
 * cron, a queue or a person may call `reconcile` just as well, also at the same time.
 *
 * @example
 * ```ts
 * import { allRecords, type Provisioner, type ProvisionStore } from "@lobstercontrol/core";
 * import { driveReconcile } from "@lobstercontrol/provisioner";
 *
 * declare const provisioner: Provisioner;
 * declare const store: ProvisionStore;
 * async function* accounts() {
 *   for await (const { account } of allRecords(store)) yield account;
 * }
 * await driveReconcile({ provisioner, accounts, signal: AbortSignal.timeout(60_000) });
 * ```
 */
export async function driveReconcile(options: DriveReconcileOptions): Promise<void> {
  const { provisioner, accounts, signal, scanMs = 10_000, clock = systemClock } = options;
  const logger = scrubbedLogger(options.logger ?? silentLogger);
  /** When each account is due, by a time that no one sets back. */
  const due = new Map<string, number>();
  let nextScan = clock.now();

  async function step(account: string): Promise<number> {
    try {
      return (await provisioner.reconcile(account)).nextInMs ?? restingMs;
    } catch (error) {
      logger.error({ account, error }, "A step of provisioning failed.");
      return failedMs;
    }
  }

  while (!signal.aborted) {
    if (clock.now() >= nextScan) {
      try {
        for await (const account of accounts()) if (!due.has(account)) due.set(account, clock.now());
      } catch (error) {
        logger.error({ error }, "The accounts to provision for could not be read.");
      }
      nextScan = clock.now() + scanMs;
    }
    for (const [account, at] of due) {
      if (signal.aborted) return;
      if (at > clock.now()) continue;
      due.set(account, clock.now() + Math.max(leastMs, await step(account)));
    }
    const next = Math.min(nextScan, ...due.values());
    await sleep(clock, Math.max(leastMs, next - clock.now()), signal);
  }
}
