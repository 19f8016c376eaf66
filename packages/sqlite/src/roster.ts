import type { AccountId, Agent, AgentRoster, AgentSlug } from "@lobstercontrol/core";
import type { Database } from "./database.ts";

interface AgentRow {
  slug: string;
  ref: string | null;
  heartbeat_every_ms: number | null;
  files: string;
  removed_at: number | null;
}

const hasLeft = `removed_at IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM session_keys k
  WHERE k.account = agents.account AND k.agent = agents.slug AND k.ready_at IS NOT NULL)`;

/** The agents that the account's gateway should have: those of the roster, and those that leave once they are done. */
export function rosterOf(database: Database, account: AccountId): AgentRoster {
  const { roster_revision: revision } = database.get<{ roster_revision: number }>(
    "SELECT roster_revision FROM accounts WHERE id = ?",
    account,
  )!;
  const rows = database.all<AgentRow>(
    `SELECT slug, ref, heartbeat_every_ms, files, removed_at FROM agents
     WHERE account = ? AND NOT (${hasLeft}) ORDER BY slug`,
    account,
  );
  return { revision, agents: rows.map(agentFromRow) };
}

/** Forgets the agents of an account that were taken off the roster and have nothing left to deliver. */
export function forgetLeft(database: Database, account: AccountId): void {
  database.run(`DELETE FROM agents WHERE account = ? AND ${hasLeft}`, account);
}

function agentFromRow(row: AgentRow): Agent {
  return {
    slug: row.slug as AgentSlug,
    ref: row.ref,
    heartbeatEveryMs: row.heartbeat_every_ms,
    files: JSON.parse(row.files) as Agent["files"],
    leaving: row.removed_at !== null,
  };
}
