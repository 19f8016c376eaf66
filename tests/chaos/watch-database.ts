import { DatabaseSync } from "node:sqlite";
import { onTestFinished } from "vitest";
import { groupBy } from "./group-by.ts";

/** Has the database itself note each lease that is handed out: no process could tell in which order they were. */
export function watchDatabase(path: string) {
  const database = new DatabaseSync(path);
  onTestFinished(() => database.close());
  database.exec(`
    PRAGMA busy_timeout = 5000;
    CREATE TABLE chaos_leases (seq INTEGER PRIMARY KEY, notification TEXT NOT NULL, lease TEXT NOT NULL) STRICT;
    CREATE TRIGGER chaos_lease AFTER UPDATE OF lease ON notifications
    WHEN new.state = 'leased' AND new.lease ->> 'id' IS NOT old.lease ->> 'id' BEGIN
      INSERT INTO chaos_leases (notification, lease) VALUES (new.id, new.lease ->> 'id');
    END;
  `);
  const leases = database.prepare("SELECT notification, lease FROM chaos_leases ORDER BY seq");
  const ended = database.prepare(
    "SELECT count(*) AS n FROM notifications WHERE state IN ('delivered', 'dead')",
  );
  const starts = database.prepare("SELECT count(*) AS n FROM incarnations WHERE worker_id = ?");
  return {
    starts: (workerId: string) => Number(starts.get(workerId)?.["n"]),
    leases: () =>
      groupBy(leases.all() as { notification: string; lease: string }[], ({ notification }) => notification),
    ended: () => Number(ended.get()?.["n"]),
  };
}
