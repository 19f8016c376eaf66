/** The platform's calls; see `PlatformPort` of core. */
import {
  accountId,
  accountInput,
  agentInput,
  agentSlug,
  checkBytes,
  checkWhole,
  IdempotencyConflictError,
  isSameContent,
  limits,
  NotFoundError,
  notificationInput,
  parse,
  type AccountId,
} from "@lobstercontrol/core";
import { v } from "convex/values";
import { message } from "../validators.ts";
import type { Id } from "./_generated/dataModel.ts";
import { mutation, query, type MutationCtx } from "./_generated/server.ts";
import { findAccount, requireOpenAccount } from "./accounts.ts";
import { releaseAccount } from "./close-account.ts";
import { readFeeds } from "./feeds.ts";
import { addNotification, contentOf, notificationByCause } from "./notifications.ts";
import { pageLimit } from "./page.ts";
import { checkRoster, findAgent, findFiles, forgetLeft } from "./roster.ts";
import { telling } from "../telling.ts";
import { wake } from "./wake.ts";

/** Registers an account, or opens it again. */
export const upsertAccount = mutation({
  args: { account: v.string() },
  returns: v.null(),
  handler: (ctx, args) =>
    telling(async () => {
      const { account } = parse(accountInput, args, "account");
      const known = await findAccount(ctx, account);
      if (known === null)
        await ctx.db.insert("accounts", {
          account,
          closedAt: null,
          rosterRevision: 0,
          keysStored: 0,
          keysActive: 0,
          keysConfirmed: 0,
        });
      else if (known.closedAt !== null) await ctx.db.patch("accounts", known._id, { closedAt: null });
      return null;
    }),
});

/** Closes an account. */
export const closeAccount = mutation({
  args: { account: v.string() },
  returns: v.null(),
  handler: (ctx, args) =>
    telling(async () => {
      const account = parse(accountId, args.account, "account");
      const open = await requireOpenAccount(ctx, account);
      const now = Date.now();
      await ctx.db.patch("accounts", open._id, { closedAt: now });
      const good = await ctx.db
        .query("serviceTokens")
        .withIndex("by_account", (q) => q.eq("account", account).eq("revokedAt", null))
        .take(10);
      for (const token of good) await ctx.db.patch("serviceTokens", token._id, { revokedAt: now });
      await releaseAccount(ctx, open, now);
      return null;
    }),
});

/** Registers an agent, or replaces what is known of it. */
export const upsertAgent = mutation({
  args: {
    account: v.string(),
    agent: v.string(),
    ref: v.optional(v.string()),
    heartbeatEveryMs: v.optional(v.number()),
    files: v.optional(v.array(v.object({ name: v.string(), text: v.string() }))),
  },
  returns: v.null(),
  handler: (ctx, { files: list = [], ...args }) =>
    telling(async () => {
      const named = Object.fromEntries(list.map(({ name, text }) => [name, text]));
      const wanted = parse(agentInput, { ...args, files: named }, "agent");
      const { account, agent: slug, ref = null, heartbeatEveryMs = null } = wanted;
      const { _id, rosterRevision } = await requireOpenAccount(ctx, account);
      const files = JSON.stringify(wanted.files ?? {});
      const filesBytes = await checkRoster(ctx, account, slug, files);
      const known = await findAgent(ctx, account, slug);
      const knownFiles = await findFiles(ctx, account, slug);
      const isSame =
        known?.ref === ref &&
        known.heartbeatEveryMs === heartbeatEveryMs &&
        known.removedAt === null &&
        knownFiles?.files === files;
      if (isSame) return null;

      // Another interval is another schedule; the slots of heartbeats only grow, so that none is taken for an old one.
      const keeps = known?.heartbeatEveryMs === heartbeatEveryMs && known.heartbeatDueAt !== null;
      const heartbeatDueAt = heartbeatEveryMs === null ? null : keeps ? known.heartbeatDueAt : 0;
      const fields = { ref, heartbeatEveryMs, heartbeatDueAt, filesBytes, removedAt: null };
      if (known === null) await ctx.db.insert("agents", { account, slug, heartbeatSlot: 0, ...fields });
      else await ctx.db.patch("agents", known._id, fields);
      if (knownFiles === null) await ctx.db.insert("agentFiles", { account, slug, files });
      else if (knownFiles.files !== files) await ctx.db.patch("agentFiles", knownFiles._id, { files });
      await growRoster(ctx, account, _id, rosterRevision);
      return null;
    }),
});

/** Takes an agent off the roster. */
export const removeAgent = mutation({
  args: { account: v.string(), agent: v.string() },
  returns: v.null(),
  handler: (ctx, args) =>
    telling(async () => {
      const account = parse(accountId, args.account, "account");
      const slug = parse(agentSlug, args.agent, "agent");
      const { _id, rosterRevision } = await requireOpenAccount(ctx, account);
      const known = await findAgent(ctx, account, slug);
      if (known === null || known.removedAt !== null) return null;
      await ctx.db.patch("agents", known._id, { removedAt: Date.now(), heartbeatDueAt: null });
      await forgetLeft(ctx, account);
      await growRoster(ctx, account, _id, rosterRevision);
      return null;
    }),
});

/** Stores that an agent must be told something. */
export const notify = mutation({
  args: {
    account: v.string(),
    agent: v.string(),
    thread: v.string(),
    input: v.string(),
    instructions: v.optional(v.string()),
    idempotencyKey: v.string(),
    maxAttempts: v.number(),
  },
  returns: v.string(),
  handler: (ctx, { maxAttempts, ...args }) =>
    telling(async () => {
      checkWhole("maxAttempts", maxAttempts, { least: 1, most: 1_000 });
      const parsed = parse(notificationInput, args, "notification");
      const wanted = { ...parsed, instructions: parsed.instructions ?? null };
      checkBytes("notification.input", wanted.input, limits.inputBytes);
      if (wanted.instructions !== null)
        checkBytes("notification.instructions", wanted.instructions, limits.instructionsBytes);

      await requireOpenAccount(ctx, wanted.account);
      const agent = await findAgent(ctx, wanted.account, wanted.agent);
      if (agent === null || agent.removedAt !== null)
        throw new NotFoundError({ what: "agent", id: wanted.agent });
      const known = await notificationByCause(ctx, wanted.account, wanted.idempotencyKey);
      if (known !== null) {
        if (!isSameContent({ ...known, ...(await contentOf(ctx, known._id)) }, wanted))
          throw new IdempotencyConflictError();
        return known.id;
      }
      const id = await addNotification(ctx, wanted, maxAttempts, Date.now());
      await wake(ctx, wanted.account);
      return id;
    }),
});

/** The messages of all accounts after a cursor. */
export const messages = query({
  args: { after: v.optional(v.string()), limit: v.optional(v.number()) },
  returns: v.object({ messages: v.array(message), cursor: v.string() }),
  handler: (ctx, { after, limit }) => telling(async () => await readFeeds(ctx, after, pageLimit(limit))),
});

async function growRoster(
  ctx: MutationCtx,
  account: AccountId,
  id: Id<"accounts">,
  rosterRevision: number,
): Promise<void> {
  await ctx.db.patch("accounts", id, { rosterRevision: rosterRevision + 1 });
  await wake(ctx, account);
}
