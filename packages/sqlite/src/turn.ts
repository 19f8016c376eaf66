import type { LobsterError } from "@lobstercontrol/core";
import { isBusy, storageError, type Database } from "./database.ts";
import { DatabaseBusyError, DatabaseClosedError, DiskFailedError } from "./errors.ts";
import type { WriteAheadLog } from "./write-ahead-log.ts";

/** Runs port calls, many to a commit. */
export interface Turn {
  /**
   * Runs a call atomically; resolves once it is on the disk.
   *
   * @param call must not await; may throw, which undoes it alone; `afterCommit` takes what to do once it is stored
   */
  write<T>(call: (afterCommit: (effect: () => void) => void) => T): Promise<T>;
  /**
   * The same, and resolves as soon as it is committed: for what nobody acts upon before a further `write` has been answered,
   * since that brings both to the disk.
   */
  writeAhead<T>(call: (afterCommit: (effect: () => void) => void) => T): Promise<T>;
  /** Which transaction the call that runs now is part of; null when it is part of none. */
  transaction(): number | null;
  /** Runs a call that only reads; resolves once what it saw is on the disk. */
  read<T>(call: () => T): Promise<T>;
  /** Stores what is waiting; every later call is refused. */
  close(): void;
}

interface Call {
  run: (afterCommit: (effect: () => void) => void) => unknown;
  /** Whether it is answered before it is on the disk. */
  ahead: boolean;
  resolve: (value: never) => void;
  reject: (error: unknown) => void;
}

/** What a turn committed, until it is on the disk. */
interface Committed {
  /** What to tell whom once it is there, in this order. */
  tell: (() => void)[];
  /** Who is refused when the disk does not take it. */
  refusable: Pick<Call, "reject">[];
}

/** For how many rounds of the event loop a turn goes on at the most. With more there was nothing to gain. */
const mostRounds = 5;
/** How long a turn waits for another process before its calls are refused, in milliseconds. */
const busyWaitMs = 5_000;

/**
 * The calls of one turn share one transaction, and so one fsync; each is answered only after both, or after the first when it
 * was written ahead. That is as durable as a commit a call, and several times as fast. A turn is a round of the event loop, and
 * a few more while calls keep coming; and while the disk is busy with the turn before, calls gather for the next one.
 *
 * Each call has a savepoint, so that a refusal undoes only itself. The transaction opens and ends within one callback: no
 * lock is ever held while JavaScript waits for something. A failed commit rejects every call of the turn. A disk that does not
 * take a commit rejects every later call as well: it may call the next sync a success and have lost the one before.
 */
export function createTurn(database: Database, log: WriteAheadLog): Turn {
  // Waiting for another process must not stop the event loop, so it is done here and not inside SQLite.
  database.exec("PRAGMA busy_timeout = 0");
  let waiting: Call[] = [];
  /** Whether one of them is answered ahead. */
  let aheadWaits = false;
  let scheduled = false;
  /** Waits for the next sync. */
  let unsynced: Committed | null = null;
  let onItsWay: Committed | null = null;
  let transactions = 0;
  let busySince: number | null = null;
  /** Why every call is refused. */
  let refusal: LobsterError | null = null;
  let closed = false;

  function schedule(): void {
    const due = onItsWay === null ? waiting.length > 0 || unsynced !== null : aheadWaits;
    if (scheduled || !due) return;
    scheduled = true;
    setImmediate(gather, waiting.length, 1);
  }

  /** While calls keep coming, a turn goes on: what one more call adds to a commit is far less than a commit of its own. */
  function gather(before: number, rounds: number): void {
    if (waiting.length > before && rounds < mostRounds) setImmediate(gather, waiting.length, rounds + 1);
    else flush(rounds);
  }

  function flush(rounds = mostRounds): void {
    scheduled = false;
    const answered = commit();
    // Whoever has an answer by now may be back with a call that wants the disk.
    if (answered && rounds < mostRounds) {
      scheduled = true;
      setImmediate(gather, 0, rounds + 1);
    } else sync();
  }

  function sync(): void {
    if (onItsWay !== null || unsynced === null) return;
    const committed = unsynced;
    unsynced = null;
    onItsWay = committed;
    log.sync((error) => {
      onItsWay = null;
      settle(committed, error);
      schedule();
    });
  }

  /** Runs what is waiting in one transaction. Returns whether somebody has an answer already. */
  function commit(): boolean {
    if (waiting.length === 0) return false;
    try {
      database.run("BEGIN IMMEDIATE");
    } catch (error) {
      refuseOrWait(error);
      return false;
    }
    busySince = null;
    transactions++;
    const calls = waiting;
    waiting = [];
    aheadWaits = false;
    const ahead: (() => void)[] = [];
    const later: (() => void)[] = [];
    const effects: (() => void)[] = [];
    try {
      for (const call of calls) (call.ahead ? ahead : later).push(runOne(call, effects));
      database.run("COMMIT");
    } catch (error) {
      if (database.inTransaction()) database.run("ROLLBACK");
      rejectAll(calls, storageError(error));
      return false;
    }
    unsynced ??= { tell: [], refusable: [] };
    unsynced.tell.push(...later, ...effects);
    unsynced.refusable.push(...calls);
    for (const answer of ahead) answer();
    return ahead.length > 0;
  }

  /** @throws when SQLite has given up the whole transaction */
  function runOne(call: Call, effects: (() => void)[]): () => void {
    database.run("SAVEPOINT call");
    const own: (() => void)[] = [];
    try {
      const value = call.run((effect) => own.push(effect)) as never;
      database.run("RELEASE call");
      effects.push(...own);
      return () => call.resolve(value);
    } catch (error) {
      if (!database.inTransaction()) throw error;
      database.run("ROLLBACK TO call");
      database.run("RELEASE call");
      return () => call.reject(storageError(error));
    }
  }

  /** Tells what became of it. */
  function settle({ tell, refusable }: Committed, error: Error | null): void {
    if (error === null) {
      for (const each of tell) each();
      return;
    }
    const failed = new DiskFailedError({ cause: error });
    refusal ??= failed;
    rejectAll([...refusable, ...(unsynced?.refusable ?? []), ...waiting.splice(0)], failed);
    unsynced = null;
  }

  function refuseOrWait(error: unknown): void {
    busySince ??= performance.now();
    const waitedMs = Math.round(performance.now() - busySince);
    if (isBusy(error) && waitedMs < busyWaitMs && !closed) {
      scheduled = true;
      setTimeout(flush, 1 + Math.random() * 10);
      return;
    }
    busySince = null;
    const calls = waiting;
    waiting = [];
    aheadWaits = false;
    rejectAll(calls, isBusy(error) ? new DatabaseBusyError({ waitedMs }) : storageError(error));
  }

  function write<T>(run: (afterCommit: (effect: () => void) => void) => T, ahead: boolean): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (refusal !== null) return reject(refusal);
      waiting.push({ run, ahead, resolve, reject });
      aheadWaits ||= ahead;
      schedule();
    });
  }

  return {
    write: (call) => write(call, false),
    writeAhead: (call) => write(call, true),
    transaction: () => (database.inTransaction() ? transactions : null),
    async read(call) {
      if (refusal !== null) throw refusal;
      let value;
      try {
        value = call();
      } catch (error) {
        throw storageError(error);
      }
      const seen = unsynced ?? onItsWay;
      if (seen !== null)
        await new Promise<void>((resolve, reject) => {
          seen.tell.push(resolve);
          seen.refusable.push({ reject });
        });
      return value;
    },
    close() {
      if (closed) return;
      closed = true;
      refusal ??= new DatabaseClosedError();
      commit();
      const all = [onItsWay, unsynced].filter((committed) => committed !== null);
      unsynced = null;
      let failure: Error | null = null;
      try {
        log.syncNow();
      } catch (error) {
        failure = error as Error;
      }
      for (const committed of all) settle(committed, failure);
      log.close();
      database.close();
    },
  };
}

function rejectAll(calls: Pick<Call, "reject">[], error: unknown): void {
  for (const call of calls) call.reject(error);
}
