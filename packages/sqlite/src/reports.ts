import {
  directiveLifeMs,
  isNewer,
  keysGenerations,
  WorkerFencedError,
  type AccountId,
  type Directive,
  type Directives,
  type HeardReport,
  type RuntimeReport,
} from "@lobstercontrol/core";
import { insertActivity } from "./activities.ts";
import type { Database } from "./database.ts";
import { forgetLeft } from "./roster.ts";
import type { Store } from "./store.ts";

/** How long the last report of a worker that is gone is kept, in milliseconds. */
const keptForMs = 30 * 24 * 60 * 60_000;

interface ReportRow {
  account: AccountId;
  report: string;
  received_at: number;
}

/** Stores what a runtime tells of itself; runs inside a write. See `RuntimePort.report`. */
export function acceptReport(store: Store, account: AccountId, report: RuntimeReport): Directives {
  const { database, clock } = store;
  const now = clock.now();
  const { workerId, incarnation } = report;
  const known = database.get<{ fenced: number }>(
    "SELECT fenced FROM incarnations WHERE account = ? AND worker_id = ? AND incarnation = ?",
    account,
    workerId,
    incarnation,
  );
  if (known?.fenced === 1) throw new WorkerFencedError({ workerId });

  const stored = database.get<{ report: string }>(
    "SELECT report FROM reports WHERE account = ? AND worker_id = ?",
    account,
    workerId,
  );
  if (isNewer(report, stored === undefined ? null : (JSON.parse(stored.report) as RuntimeReport)))
    storeReport(store, account, report, now);
  for (const { id, ok } of report.ended) endDirective(database, account, workerId, { id, ok }, now);
  forgetLeft(database, account);

  const { roster_revision: rosterRevision, keys_stored: keysGeneration } = database.get<{
    roster_revision: number;
    keys_stored: number;
  }>("SELECT roster_revision, keys_stored FROM accounts WHERE id = ?", account)!;
  return { directives: openDirectives(database, account, now), rosterRevision, keysGeneration };
}

function storeReport({ database }: Store, account: AccountId, report: RuntimeReport, now: number): void {
  // One from the future was stored before the clock was set back. When its time comes it must not be taken for a new one.
  database.run(
    "DELETE FROM reports WHERE account = ? AND (received_at < ? OR received_at > ?)",
    account,
    now - keptForMs,
    now,
  );
  database.run(
    `INSERT INTO reports (account, worker_id, report, received_at) VALUES (?1, ?2, ?3, ?4)
     ON CONFLICT DO UPDATE SET report = ?3, received_at = ?4`,
    account,
    report.workerId,
    JSON.stringify(report),
    now,
  );
  const stored = database.get<{ stored: number; confirmed: number }>(
    "SELECT keys_stored AS stored, keys_confirmed AS confirmed FROM accounts WHERE id = ?",
    account,
  )!;
  const { active, confirmed } = keysGenerations(stored, report);
  database.run(
    "UPDATE accounts SET keys_active = ?, keys_confirmed = ? WHERE id = ?",
    active,
    confirmed,
    account,
  );
}

/** The last report of each worker of an account. */
export function reportsOf(database: Database, account: AccountId): HeardReport[] {
  return database
    .all<ReportRow>("SELECT account, report, received_at FROM reports WHERE account = ?", account)
    .map(heardFromRow);
}

/** The last reports of all accounts, by account. */
export function allReports(database: Database): Map<AccountId, HeardReport[]> {
  const byAccount = new Map<AccountId, HeardReport[]>();
  for (const { id } of database.all<{ id: AccountId }>("SELECT id FROM accounts WHERE closed_at IS NULL"))
    byAccount.set(id, []);
  for (const row of database.all<ReportRow>("SELECT account, report, received_at FROM reports"))
    byAccount.get(row.account)?.push(heardFromRow(row));
  return byAccount;
}

const heardFromRow = ({ report, received_at: receivedAt }: ReportRow): HeardReport => ({
  report: JSON.parse(report) as RuntimeReport,
  receivedAt,
});

interface DirectiveRow {
  id: string;
  kind: Directive["kind"];
  target: string | null;
}

/** What is wanted of an account's runtime and not yet said to have ended. */
function openDirectives(database: Database, account: AccountId, now: number): Directive[] {
  return database
    .all<DirectiveRow>(
      "SELECT id, kind, target FROM directives WHERE account = ? AND created_at > ? ORDER BY seq",
      account,
      now - directiveLifeMs,
    )
    .map(({ id, kind, target }) => (kind === "upgrade" ? { id, kind, target: target ?? "" } : { id, kind }));
}

/** Asks for something; runs inside a write. What was asked for already is not asked for twice. */
export function addDirective(
  { database, clock }: Store,
  account: AccountId,
  actor: string,
  wanted: { kind: Directive["kind"]; target: string | null },
): void {
  const now = clock.now();
  database.run(
    "DELETE FROM directives WHERE account = ? AND created_at <= ?",
    account,
    now - directiveLifeMs,
  );
  const open = openDirectives(database, account, now).find(({ kind }) => kind === wanted.kind);
  if (open !== undefined && (open.kind !== "upgrade" || open.target === wanted.target)) return;
  if (open !== undefined) database.run("DELETE FROM directives WHERE id = ?", open.id);
  const id = `dir_${crypto.randomUUID()}`;
  database.run(
    "INSERT INTO directives (id, account, kind, target, created_at) VALUES (?, ?, ?, ?, ?)",
    id,
    account,
    wanted.kind,
    wanted.target,
    now,
  );
  const type = `runtime_${wanted.kind}_requested`;
  insertActivity(database, account, { type, actor, subject: wanted.target ?? id, at: now });
}

function endDirective(
  database: Database,
  account: AccountId,
  workerId: string,
  { id, ok }: { id: string; ok: boolean },
  now: number,
): void {
  const ended = database.get<DirectiveRow>(
    "DELETE FROM directives WHERE id = ? AND account = ? RETURNING id, kind, target",
    id,
    account,
  );
  if (ended === undefined) return;
  insertActivity(database, account, {
    type: `runtime_${ended.kind}_${ok ? "done" : "failed"}`,
    actor: `runtime ${workerId}`,
    subject: ended.target ?? id,
    at: now,
  });
}
