import { isBusy, storageError, type Database } from "./database.ts";
import { DatabaseBusyError, DatabaseClosedError } from "./errors.ts";

/** Runs port calls, many to a commit. */
export interface Turn {
  /**
   * Runs a call atomically; resolves once it is on the disk.
   *
   * @param call must not await; may throw, which undoes it alone; `afterCommit` takes what to do once it is stored
   */
  write<T>(call: (afterCommit: (effect: () => void) => void) => T): Promise<T>;
  /** Runs a call that only reads. */
  read<T>(call: () => T): Promise<T>;
  /** Commits what is waiting; every later call is refused. */
  close(): void;
}

interface Call {
  run: (afterCommit: (effect: () => void) => void) => unknown;
  resolve: (value: never) => void;
  reject: (error: unknown) => void;
}

/** For how many rounds of the event loop a turn goes on at the most. With more there was nothing to gain. */
const mostRounds = 5;
/** How long a turn waits for another process before its calls are refused, in milliseconds. */
const busyWaitMs = 5_000;

/**
 * The calls of one turn share one transaction, and so one fsync; each is answered only after the commit. That is as durable
 * as a commit a call, and about twice as fast. A turn is a round of the event loop, and a few more while calls keep coming.
 *
 * Each call has a savepoint, so that a refusal undoes only itself. The transaction opens and ends within one callback: no
 * lock is ever held while JavaScript waits for something. A failed commit rejects every call of the turn.
 */
export function createTurn(database: Database): Turn {
  // Waiting for another process must not stop the event loop, so it is done here and not inside SQLite.
  database.exec("PRAGMA busy_timeout = 0");
  let waiting: Call[] = [];
  let scheduled = false;
  let busySince: number | null = null;
  let closed = false;

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    setImmediate(gather, waiting.length, 1);
  }

  /** While calls keep coming, a turn goes on: what one more call adds to a commit is far less than a commit of its own. */
  function gather(before: number, rounds: number): void {
    if (waiting.length > before && rounds < mostRounds) setImmediate(gather, waiting.length, rounds + 1);
    else flush();
  }

  function flush(): void {
    scheduled = false;
    if (waiting.length === 0) return;
    try {
      database.run("BEGIN IMMEDIATE");
    } catch (error) {
      refuseOrWait(error);
      return;
    }
    busySince = null;
    const calls = waiting;
    waiting = [];
    const answers: (() => void)[] = [];
    const effects: (() => void)[] = [];
    try {
      for (const call of calls) answers.push(runOne(call, effects));
      database.run("COMMIT");
    } catch (error) {
      if (database.inTransaction()) database.run("ROLLBACK");
      rejectAll(calls, storageError(error));
      return;
    }
    for (const answer of answers) answer();
    for (const effect of effects) effect();
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
    rejectAll(calls, isBusy(error) ? new DatabaseBusyError({ waitedMs }) : storageError(error));
  }

  return {
    write<T>(run: (afterCommit: (effect: () => void) => void) => T) {
      return new Promise<T>((resolve, reject) => {
        if (closed) return reject(new DatabaseClosedError());
        waiting.push({ run, resolve, reject });
        schedule();
      });
    },
    async read(call) {
      if (closed) throw new DatabaseClosedError();
      try {
        return call();
      } catch (error) {
        throw storageError(error);
      }
    },
    close() {
      if (closed) return;
      closed = true;
      flush();
      database.close();
    },
  };
}

function rejectAll(calls: Call[], error: unknown): void {
  for (const call of calls) call.reject(error);
}
