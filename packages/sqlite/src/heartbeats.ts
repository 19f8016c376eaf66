import {
  heartbeatAt,
  heartbeatContent,
  newNotificationId,
  type AccountId,
  type AgentSlug,
} from "@lobstercontrol/core";
import type { Store } from "./store.ts";

interface DueRow {
  slug: AgentSlug;
  every_ms: number;
  next_at: number | null;
  last_slot: number;
  is_busy: number;
}

/** Stores the notifications of the heartbeats that are due; runs inside the write of a claim. */
export function addHeartbeats(store: Store, account: AccountId, now: number): void {
  const { database, notifications } = store;
  const rows = database.all<DueRow>(
    `SELECT slug, heartbeat_every_ms AS every_ms, heartbeat_next AS next_at, heartbeat_slot AS last_slot,
       EXISTS (SELECT 1 FROM session_keys k
         WHERE k.account = agents.account AND k.agent = agents.slug AND k.ready_at IS NOT NULL) AS is_busy
     FROM agents
     WHERE account = ?1 AND heartbeat_every_ms IS NOT NULL AND removed_at IS NULL
       AND (heartbeat_next IS NULL OR heartbeat_next <= ?2 OR heartbeat_next > ?2 + heartbeat_every_ms)`,
    account,
    now,
  );
  for (const row of rows) {
    const agent = { account, slug: row.slug, everyMs: row.every_ms, isBusy: row.is_busy === 1 };
    const due = heartbeatAt(agent, { nextAt: row.next_at, lastSlot: row.last_slot }, now);
    if (due === null) continue;
    const { schedule, slot } = due;
    database.run(
      "UPDATE agents SET heartbeat_next = ?, heartbeat_slot = ? WHERE account = ? AND slug = ?",
      schedule.nextAt,
      schedule.lastSlot,
      account,
      row.slug,
    );
    if (slot === null) continue;
    const content = heartbeatContent(agent, slot, store.heartbeatInput);
    // An agent that was taken off the roster and put back has forgotten its slots: this one was had.
    if (notifications.byIdempotencyKey(account, content.idempotencyKey) !== undefined) continue;
    notifications.add(content, newNotificationId(now), store.maxAttempts, now);
  }
}
