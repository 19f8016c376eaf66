import type { Activity } from "@lobstercontrol/core";
import type { Database } from "./database.ts";

/** Adds a line to an account's audit log; call it in the transaction of what it tells. */
export function insertActivity(
  database: Database,
  account: string,
  { type, actor, subject, at }: Omit<Activity, "id">,
): void {
  database.run(
    "INSERT INTO activities (id, account, type, actor, subject, at) VALUES (?, ?, ?, ?, ?, ?)",
    `act_${crypto.randomUUID()}`,
    account,
    type,
    actor,
    subject,
    at,
  );
}
