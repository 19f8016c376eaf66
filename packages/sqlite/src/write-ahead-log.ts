import { closeSync, fdatasync, fdatasyncSync, openSync } from "node:fs";
import type { Database } from "./database.ts";

/** Brings to the disk what SQLite has committed to the write-ahead log of a file. */
export interface WriteAheadLog {
  /**
   * Brings there what is committed by now, while the event loop goes on.
   *
   * @param done called once, unless the log is closed before; with what went wrong, or null
   */
  sync(done: (error: Error | null) => void): void;
  /** The same at once; throws what went wrong. */
  syncNow(): void;
  /** Lets go of the file. */
  close(): void;
}

/**
 * Takes the `fsync` of a commit out of SQLite, which would stop the event loop for it: `synchronous=NORMAL` writes a commit to
 * the log and leaves it to the operating system when that reaches the disk. SQLite's own `FULL` is `NORMAL` and one `fsync` of
 * the log behind each commit (sqlite.org/wal.html, "Performance Considerations"). Whoever calls `sync` before it answers is as
 * durable. What SQLite syncs for the file's own sake (the log's header, a checkpoint) it still does by itself.
 *
 * @param database an open file, with its log; `:memory:` has none, and nothing to bring to a disk
 */
export function openWriteAheadLog(database: Database): WriteAheadLog {
  const { file } = database.get<{ file: string }>(
    "SELECT file FROM pragma_database_list WHERE name = 'main'",
  )!;
  if (file === "") return { sync: (done) => done(null), syncNow() {}, close() {} };
  // For writing, which is what Windows wants of whoever flushes a file.
  const log = openSync(`${file}-wal`, "r+");
  database.exec("PRAGMA synchronous = NORMAL");
  let syncing = 0;
  let closed = false;
  const closeWhenUnused = (): void => {
    if (closed && syncing === 0) closeSync(log);
  };
  return {
    sync(done) {
      syncing++;
      fdatasync(log, (error) => {
        syncing--;
        closeWhenUnused();
        if (!closed) done(error);
      });
    },
    syncNow: () => fdatasyncSync(log),
    close() {
      closed = true;
      closeWhenUnused();
    },
  };
}
