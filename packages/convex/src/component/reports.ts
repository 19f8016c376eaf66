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
import type { Doc } from "./_generated/dataModel.ts";
import type { MutationCtx, QueryCtx } from "./_generated/server.ts";
import { addActivity } from "./activities.ts";
import { findIncarnation } from "./claim.ts";
import { forgetLeft } from "./roster.ts";

/** How long the last report of a worker that is gone is kept, in milliseconds. */
const keptForMs = 30 * 24 * 60 * 60_000;
/** The most workers of an account that are looked at: those that were heard of last. */
const workersPerAccount = 50;
/** One of each kind, but for what has not been forgotten yet. */
const directivesPerAccount = 20;
/** See `runtimeInfo` of core: a worker that was not heard of for so many of its intervals is offline. */
const missedReports = 3;

/** Stores what a runtime tells of itself; in the mutation of a report. See `RuntimePort.report`. */
export async function acceptReport(
  ctx: MutationCtx,
  account: Doc<"accounts">,
  report: RuntimeReport,
  now: number,
): Promise<Directives> {
  const { workerId, incarnation } = report;
  const known = await findIncarnation(ctx, account.account, workerId, incarnation);
  if (known?.fenced === true) throw new WorkerFencedError({ workerId });

  const stored = await ctx.db
    .query("reports")
    .withIndex("by_worker", (q) => q.eq("account", account.account).eq("workerId", workerId))
    .unique();
  if (isNewer(report, stored === null ? null : (JSON.parse(stored.report) as RuntimeReport))) {
    const fields = {
      report: JSON.stringify(report),
      receivedAt: now,
      dueAt: report.status === "offline" ? null : now + missedReports * report.nextInMs,
    };
    if (stored === null) await ctx.db.insert("reports", { account: account.account, workerId, ...fields });
    else await ctx.db.patch("reports", stored._id, fields);
    await storeGenerations(ctx, account, report);
    await forgetOldReports(ctx, account.account, now);
  }
  for (const end of report.ended) await endDirective(ctx, account.account, workerId, end, now);
  await forgetLeft(ctx, account.account);

  return {
    directives: (await openDirectives(ctx, account.account, now)).map(directiveFromDoc),
    rosterRevision: account.rosterRevision,
    keysGeneration: account.keysStored,
  };
}

/** Only when they changed: every `notify` reads the account, and would run again. */
async function storeGenerations(
  ctx: MutationCtx,
  { _id, keysStored, keysActive, keysConfirmed }: Doc<"accounts">,
  report: RuntimeReport,
): Promise<void> {
  const { active, confirmed } = keysGenerations({ stored: keysStored, confirmed: keysConfirmed }, report);
  if (active !== keysActive || confirmed !== keysConfirmed)
    await ctx.db.patch("accounts", _id, { keysActive: active, keysConfirmed: confirmed });
}

async function forgetOldReports(ctx: MutationCtx, account: AccountId, now: number): Promise<void> {
  const old = await ctx.db
    .query("reports")
    .withIndex("by_time", (q) => q.eq("account", account).lt("receivedAt", now - keptForMs))
    .take(workersPerAccount);
  // One from the future was stored before the clock was set back. When its time comes it must not be taken for a new one.
  const ahead = await ctx.db
    .query("reports")
    .withIndex("by_time", (q) => q.eq("account", account).gt("receivedAt", now))
    .take(workersPerAccount);
  for (const report of [...old, ...ahead]) await ctx.db.delete("reports", report._id);
}

/** The last report of each worker of an account. */
export async function reportsOf(ctx: QueryCtx, account: AccountId): Promise<HeardReport[]> {
  const rows = await ctx.db
    .query("reports")
    .withIndex("by_time", (q) => q.eq("account", account))
    .order("desc")
    .take(workersPerAccount);
  return rows.map(({ report, receivedAt }) => ({ report: JSON.parse(report) as RuntimeReport, receivedAt }));
}

/** What is wanted of an account's runtime and not yet said to have ended. */
async function openDirectives(ctx: QueryCtx, account: AccountId, now: number): Promise<Doc<"directives">[]> {
  return await ctx.db
    .query("directives")
    .withIndex("by_account", (q) => q.eq("account", account).gt("createdAt", now - directiveLifeMs))
    .take(directivesPerAccount);
}

function directiveFromDoc({ _id, kind, target }: Doc<"directives">): Directive {
  const id = `dir_${_id}`;
  return kind === "upgrade" ? { id, kind, target: target ?? "" } : { id, kind };
}

/** Asks for something. What was asked for already is not asked for twice. */
export async function addDirective(
  ctx: MutationCtx,
  account: AccountId,
  actor: string,
  wanted: { kind: Directive["kind"]; target: string | null },
  now: number,
): Promise<void> {
  const old = await ctx.db
    .query("directives")
    .withIndex("by_account", (q) => q.eq("account", account).lte("createdAt", now - directiveLifeMs))
    .take(directivesPerAccount);
  for (const directive of old) await ctx.db.delete("directives", directive._id);
  const open = (await openDirectives(ctx, account, now)).find(({ kind }) => kind === wanted.kind);
  if (open !== undefined && open.target === wanted.target) return;
  if (open !== undefined) await ctx.db.delete("directives", open._id);
  const id = await ctx.db.insert("directives", { account, ...wanted, createdAt: now });
  const subject = wanted.target ?? `dir_${id}`;
  await addActivity(ctx, account, { type: `runtime_${wanted.kind}_requested`, actor, subject, at: now });
}

async function endDirective(
  ctx: MutationCtx,
  account: AccountId,
  workerId: string,
  { id, ok }: { id: string; ok: boolean },
  now: number,
): Promise<void> {
  const own = ctx.db.normalizeId("directives", id.replace(/^dir_/, ""));
  const ended = own === null ? null : await ctx.db.get("directives", own);
  if (ended === null || ended.account !== account) return;
  await ctx.db.delete("directives", ended._id);
  await addActivity(ctx, account, {
    type: `runtime_${ended.kind}_${ok ? "done" : "failed"}`,
    actor: `runtime ${workerId}`,
    subject: ended.target ?? id,
    at: now,
  });
}
