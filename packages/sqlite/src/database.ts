import { closeSync, existsSync, openSync } from "node:fs";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { LobsterError } from "@lobstercontrol/core";
import { DatabaseBusyError, DatabaseError } from "./errors.ts";

/** A SQLite file with its statements, prepared once each. */
export interface Database {
  /** Runs a statement that answers nothing; gives the number of rows that it changed. */
  run(sql: string, ...values: SQLInputValue[]): number;
  /** The first row, if any. The caller knows its shape: the tables are STRICT. */
  get<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined;
  /** All rows. */
  all<Row>(sql: string, ...values: SQLInputValue[]): Row[];
  /** Runs a script of several statements. */
  exec(sql: string): void;
  /** Whether a transaction is open. SQLite ends one by itself when a statement fails badly enough. */
  inTransaction(): boolean;
  /** Closes the file. */
  close(): void;
}

/** How long opening may wait for another process, in milliseconds; only then is waiting done inside SQLite. */
const openWaitMs = 5_000;

/** Opens the file, or makes it, readable by its owner alone: it holds what people say to agents. */
export function openDatabase(path: string): Database {
  try {
    if (path !== ":memory:") makeFile(path);
    const db = new DatabaseSync(path, { enableForeignKeyConstraints: true });
    db.exec(`
      PRAGMA busy_timeout = ${openWaitMs};
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
    `);
    return withStatements(db);
  } catch (error) {
    throw storageError(error);
  }
}

/** Leaves a file alone that is there: to open and close it would take its locks from whoever has it open in this process. */
function makeFile(path: string): void {
  if (!existsSync(path)) closeSync(openSync(path, "a", 0o600));
}

function withStatements(db: DatabaseSync): Database {
  const prepared = new Map<string, StatementSync>();
  const statement = (sql: string): StatementSync => {
    let found = prepared.get(sql);
    if (found === undefined) prepared.set(sql, (found = db.prepare(sql)));
    return found;
  };
  return {
    run: (sql, ...values) => Number(statement(sql).run(...values).changes),
    get: <Row>(sql: string, ...values: SQLInputValue[]) => statement(sql).get(...values) as Row | undefined,
    all: <Row>(sql: string, ...values: SQLInputValue[]) => statement(sql).all(...values) as Row[],
    exec: (sql) => db.exec(sql),
    inTransaction: () => db.isTransaction,
    close: () => db.close(),
  };
}

/** Whether another process holds the lock that was wanted. */
export function isBusy(error: unknown): boolean {
  // 5 is SQLITE_BUSY; the extended codes keep it in their low byte.
  return error instanceof Error && "errcode" in error && (Number(error.errcode) & 0xff) === 5;
}

/** What SQLite threw, as an error of ours; errors of ours stay as they are. */
export function storageError(error: unknown): LobsterError {
  if (LobsterError.isInstance(error)) return error;
  return isBusy(error) ? new DatabaseBusyError({ waitedMs: 0 }) : new DatabaseError({ cause: error });
}
