import {
  checkBytes,
  InvalidInputError,
  TooLargeError,
  type AccountId,
  type AgentSlug,
} from "@lobstercontrol/core";
import type { Infer } from "convex/values";
import type { agentRoster } from "../validators.ts";
import type { Doc } from "./_generated/dataModel.ts";
import type { MutationCtx, QueryCtx } from "./_generated/server.ts";

/** The most agents of an account, those that are leaving included. */
export const agentsPerAccount = 500;
/** The files of one agent: a document of Convex may have 1 MiB. */
const filesBytes = 512 * 1024;
/** The files of all agents of an account: the roster is read at once, and a function may read 16 MiB. */
const rosterBytes = 6 * 1024 * 1024;

/** An agent, on the roster or leaving. */
export async function findAgent(
  ctx: QueryCtx,
  account: AccountId,
  slug: AgentSlug,
): Promise<Doc<"agents"> | null> {
  return await ctx.db
    .query("agents")
    .withIndex("by_slug", (q) => q.eq("account", account).eq("slug", slug))
    .unique();
}

/** The row with the files of an agent. */
export async function findFiles(
  ctx: QueryCtx,
  account: AccountId,
  slug: AgentSlug,
): Promise<Doc<"agentFiles"> | null> {
  return await ctx.db
    .query("agentFiles")
    .withIndex("by_slug", (q) => q.eq("account", account).eq("slug", slug))
    .unique();
}

/** Whether an agent has something to deliver, or is delivering. */
export async function isBusy(ctx: QueryCtx, account: AccountId, slug: AgentSlug): Promise<boolean> {
  const live = await ctx.db
    .query("sessionKeys")
    .withIndex("by_agent", (q) => q.eq("account", account).eq("agent", slug).gte("readyAt", 0))
    .first();
  return live !== null;
}

/** The agents that the account's gateway should have: those of the roster, and those that leave once they are done. */
export async function rosterOf(
  ctx: QueryCtx,
  account: AccountId,
  revision: number,
): Promise<Infer<typeof agentRoster>> {
  const agents: Infer<typeof agentRoster>["agents"] = [];
  for (const { slug, ref, heartbeatEveryMs, removedAt } of await agentsOf(ctx, account)) {
    const leaving = removedAt !== null;
    if (leaving && !(await isBusy(ctx, account, slug))) continue;
    const stored = await findFiles(ctx, account, slug);
    const files = Object.entries(JSON.parse(stored?.files ?? "{}") as Record<string, string>);
    agents.push({
      slug,
      ref,
      heartbeatEveryMs,
      files: files.map(([name, text]) => ({ name, text })),
      leaving,
    });
  }
  return { revision, agents };
}

/** Forgets the agents that were taken off the roster and have nothing left to deliver. */
export async function forgetLeft(ctx: MutationCtx, account: AccountId): Promise<void> {
  const removed = await ctx.db
    .query("agents")
    .withIndex("by_removal", (q) => q.eq("account", account).gte("removedAt", 0))
    .take(agentsPerAccount);
  for (const { _id, slug } of removed) {
    if (await isBusy(ctx, account, slug)) continue;
    const files = await findFiles(ctx, account, slug);
    if (files !== null) await ctx.db.delete("agentFiles", files._id);
    await ctx.db.delete("agents", _id);
  }
}

/**
 * Refuses what the roster could not be read with any more.
 *
 * @param files as they are to be stored
 * @throws {TooLargeError} `ERR_TOO_LARGE`
 * @throws {InvalidInputError} `ERR_INVALID_INPUT` when it is one agent too many
 * @returns the bytes of the files
 */
export async function checkRoster(
  ctx: QueryCtx,
  account: AccountId,
  slug: AgentSlug,
  files: string,
): Promise<number> {
  checkBytes("agent.files", files, filesBytes);
  const bytes = new TextEncoder().encode(files).length;
  const others = (await agentsOf(ctx, account)).filter((agent) => agent.slug !== slug);
  if (others.length >= agentsPerAccount)
    throw new InvalidInputError({ field: "agent", problem: `is one more than ${agentsPerAccount}` });
  const total = others.reduce((sum, agent) => sum + agent.filesBytes, bytes);
  if (total > rosterBytes)
    throw new TooLargeError({ field: "the files of all agents", bytes: total, limitBytes: rosterBytes });
  return bytes;
}

async function agentsOf(ctx: QueryCtx, account: AccountId): Promise<Doc<"agents">[]> {
  return await ctx.db
    .query("agents")
    .withIndex("by_slug", (q) => q.eq("account", account))
    .take(agentsPerAccount);
}
