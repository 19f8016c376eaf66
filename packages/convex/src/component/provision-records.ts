import {
  deadlineOf,
  InvalidInputError,
  NotFoundError,
  noteReport,
  serviceTokensOf,
  type AccountId,
  type ProvisionAttempt,
  type ProvisionChange,
  type ProvisionRecord,
} from "@lobstercontrol/core";
import type { Doc } from "./_generated/dataModel.ts";
import type { MutationCtx, QueryCtx } from "./_generated/server.ts";
import { findAccount } from "./accounts.ts";
import { addActivity } from "./activities.ts";
import { derivedServiceTokenId } from "./derived-id.ts";

/** More than any droplet takes; an attempt may have 128 KiB of what its boot said, and a function may read 16 MiB. */
const attemptsPerAccount = 100;

/** Who makes the service tokens that droplets bring. */
const bootstrap = "bootstrap";

/** What is known of an account's droplet; null when it never had one. */
export async function findRecord(ctx: QueryCtx, account: AccountId): Promise<ProvisionRecord | null> {
  const row = await findRow(ctx, account);
  return row === null ? null : await recordFromRow(ctx, row);
}

/** A stored record, whole. Its attempts are rows of their own: all together they may be more than a document takes. */
export async function recordFromRow(ctx: QueryCtx, row: Doc<"provisions">): Promise<ProvisionRecord> {
  const attempts = (await attemptsOf(ctx, row.account)).map(
    ({ attempt }) => JSON.parse(attempt) as ProvisionAttempt,
  );
  return { ...(JSON.parse(row.record) as Omit<ProvisionRecord, "attempts">), attempts };
}

/** The account of a bootstrap token. */
export async function accountOfBootstrapToken(ctx: QueryCtx, hash: string): Promise<AccountId | null> {
  const token = await ctx.db
    .query("bootstrapTokens")
    .withIndex("by_hash", (q) => q.eq("hash", hash))
    .unique();
  return token?.account ?? null;
}

/** See `ProvisionStore.write` of core; in its mutation. */
export async function putRecord(
  ctx: MutationCtx,
  { record: { attempts, ...record }, activities }: ProvisionChange,
  now: number,
): Promise<boolean> {
  const { account, revision, state } = record;
  await requireAccount(ctx, record);
  const known = await findRow(ctx, account);
  if ((known?.revision ?? 0) !== revision - 1) return false;
  if (attempts.length > attemptsPerAccount)
    throw new InvalidInputError({ field: "attempts", problem: `are more than ${attemptsPerAccount}` });
  const dueAt = deadlineOf({ ...record, attempts });
  const fields = { account, revision, state, record: JSON.stringify(record), dueAt };
  if (known === null) await ctx.db.insert("provisions", fields);
  else await ctx.db.patch("provisions", known._id, fields);
  await putAttempts(ctx, account, attempts);
  await keepTokens(ctx, account, serviceTokensOf({ ...record, attempts }), now);
  for (const activity of activities) await addActivity(ctx, account, activity);
  return true;
}

/** The first report of a droplet that is being made: it runs. In the mutation of the report. */
export async function noteRuntimeReport(
  ctx: MutationCtx,
  account: AccountId,
  serviceTokenHash: string,
  now: number,
): Promise<void> {
  const row = await findRow(ctx, account);
  if (row?.state !== "provisioning") return;
  const record = await recordFromRow(ctx, row);
  const noted = noteReport(record, serviceTokenHash, now);
  if (noted.record === record) return;
  await putRecord(ctx, { ...noted, record: { ...noted.record, revision: record.revision + 1 } }, now);
}

async function findRow(ctx: QueryCtx, account: AccountId): Promise<Doc<"provisions"> | null> {
  return await ctx.db
    .query("provisions")
    .withIndex("by_account", (q) => q.eq("account", account))
    .unique();
}

async function attemptsOf(ctx: QueryCtx, account: AccountId): Promise<Doc<"provisionAttempts">[]> {
  return await ctx.db
    .query("provisionAttempts")
    .withIndex("by_number", (q) => q.eq("account", account))
    .take(attemptsPerAccount);
}

/** Attempts are added and changed, and never taken away: their nonces are the proof of what is ours. */
async function putAttempts(
  ctx: MutationCtx,
  account: AccountId,
  attempts: readonly ProvisionAttempt[],
): Promise<void> {
  const stored = await attemptsOf(ctx, account);
  for (const [number, attempt] of attempts.entries()) {
    const text = JSON.stringify(attempt);
    const before = stored[number];
    if (before === undefined) await ctx.db.insert("provisionAttempts", { account, number, attempt: text });
    else if (before.attempt !== text) await ctx.db.patch("provisionAttempts", before._id, { attempt: text });
    const hash = attempt.bootstrapTokenHash;
    if (hash !== null && (await accountOfBootstrapToken(ctx, hash)) === null)
      await ctx.db.insert("bootstrapTokens", { account, hash });
  }
}

async function requireAccount(
  ctx: QueryCtx,
  { account, state }: Pick<ProvisionRecord, "account" | "state">,
): Promise<void> {
  const known = await findAccount(ctx, account);
  // Closing an account asks for its droplet's end: nothing is begun after that.
  const isWanted = state === "provisioning" || state === "running";
  if (known === null || (known.closedAt !== null && isWanted))
    throw new NotFoundError({ what: "account", id: account });
}

/** @throws {InvalidInputError} `ERR_INVALID_INPUT` when a token is another account's */
async function keepTokens(
  ctx: MutationCtx,
  account: AccountId,
  wanted: readonly string[],
  now: number,
): Promise<void> {
  const good = await ctx.db
    .query("serviceTokens")
    .withIndex("by_account", (q) => q.eq("account", account).eq("revokedAt", null))
    .take(20);
  for (const { _id, hash, provisioned } of good) {
    if (provisioned && !wanted.includes(hash)) await ctx.db.patch("serviceTokens", _id, { revokedAt: now });
  }
  for (const hash of wanted) {
    const known = await ctx.db
      .query("serviceTokens")
      .withIndex("by_hash", (q) => q.eq("hash", hash))
      .unique();
    if (known !== null && known.account !== account)
      throw new InvalidInputError({ field: "serviceTokenHash", problem: "is taken" });
    // One that was revoked before stays so.
    if (known !== null) continue;
    const id = await derivedServiceTokenId(account, hash);
    const made = { id, account, hash, createdAt: now, createdBy: bootstrap, revokedAt: null };
    await ctx.db.insert("serviceTokens", { ...made, provisioned: true });
  }
}
