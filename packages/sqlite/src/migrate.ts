import type { Database } from "./database.ts";
import { DatabaseNewerError } from "./errors.ts";

/**
 * Brings a file to the newest schema. Every step and its version number are one transaction: a crash in between leaves the
 * file at a version that opens.
 *
 * @param database an open file
 * @param steps all steps, oldest first; the version of a file is the number of steps it has taken
 * @param now milliseconds since the epoch
 * @throws {DatabaseNewerError} `ERR_DATABASE_NEWER`
 */
export function migrate(database: Database, steps: readonly string[], now: number): void {
  database.exec(
    "CREATE TABLE IF NOT EXISTS schema_versions (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL) STRICT",
  );
  for (;;) {
    // Read again under the write lock: another process may be migrating the same file.
    database.exec("BEGIN IMMEDIATE");
    try {
      const version = database.get<{ version: number }>(
        "SELECT coalesce(max(version), 0) AS version FROM schema_versions",
      )!.version;
      if (version > steps.length)
        throw new DatabaseNewerError({ fileVersion: version, knownVersion: steps.length });
      const step = steps[version];
      if (step !== undefined) {
        database.exec(step);
        database.run("INSERT INTO schema_versions (version, applied_at) VALUES (?, ?)", version + 1, now);
      }
      database.exec("COMMIT");
      if (step === undefined) return;
    } catch (error) {
      if (database.inTransaction()) database.exec("ROLLBACK");
      throw error;
    }
  }
}
