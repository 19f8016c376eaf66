/** The platform's conversations. Whoever names an agent with an @ tells it what was said. */
import { v } from "convex/values";
import { mutation, query, type MutationCtx, type QueryCtx } from "./_generated/server.js";
import type { Doc, Id } from "./_generated/dataModel.js";
import { refused, requireMember } from "./authz.ts";
import { lobsterControl } from "./lobster/control.ts";

/** An agent that answers another answers a person in the end: after so many hand-ons nobody is told any more. */
const mostHops = 4;

/** Begins a conversation. */
export const start = mutation({
  args: { account: v.string(), title: v.string() },
  returns: v.id("threads"),
  handler: async (ctx, { account, title }) => {
    await requireMember(ctx, account);
    return await ctx.db.insert("threads", { account, title });
  },
});

/** Says something. */
export const say = mutation({
  args: { account: v.string(), thread: v.id("threads"), text: v.string() },
  returns: v.null(),
  handler: async (ctx, { account, thread, text }) => {
    const { name } = await requireMember(ctx, account);
    await requireThread(ctx, account, thread);
    await post(ctx, { account, thread, from: name, text, source: null, hops: 0 });
    return null;
  },
});

/** The newest of what was said, oldest first. */
export const list = query({
  args: { account: v.string(), thread: v.id("threads") },
  returns: v.array(v.object({ from: v.string(), text: v.string() })),
  handler: async (ctx, { account, thread }) => {
    await requireMember(ctx, account);
    return (await readThread(ctx, account, thread, 100)).map(({ from, text }) => ({ from, text }));
  },
});

/** What is said, by whom, and how many agents have handed it on. */
interface Said {
  account: string;
  thread: Id<"threads">;
  from: string;
  text: string;
  source: string | null;
  hops: number;
}

/** Stores what somebody said, and tells the agents that it names: all of it or nothing. */
export async function post(ctx: MutationCtx, { hops, ...said }: Said): Promise<void> {
  const { account, thread, from, text } = said;
  const message = await ctx.db.insert("messages", said);
  if (hops > mostHops) return;
  for (const agent of await mentioned(ctx, account, text)) {
    if (agent === from) continue;
    const notification = await lobsterControl.notify(ctx, {
      account,
      agent,
      thread,
      input: `${from} wrote: ${text}`,
      idempotencyKey: `${message}:${agent}`,
    });
    await ctx.db.insert("asked", { notification, hops });
  }
}

/** The end of a thread, oldest first. */
export async function readThread(
  ctx: QueryCtx,
  account: string,
  thread: Id<"threads">,
  most: number,
): Promise<Doc<"messages">[]> {
  const newest = await ctx.db
    .query("messages")
    .withIndex("by_thread", (q) => q.eq("account", account).eq("thread", thread))
    .order("desc")
    .take(most);
  return newest.toReversed();
}

/** The agents of the account that a text names, a few at most. */
async function mentioned(ctx: QueryCtx, account: string, text: string): Promise<string[]> {
  const names = new Set(Array.from(text.matchAll(/@([a-z0-9][a-z0-9_-]*)/g), ([, slug]) => slug!));
  const slugs: string[] = [];
  for (const slug of Array.from(names).slice(0, 5)) {
    const agent = await ctx.db
      .query("agents")
      .withIndex("by_slug", (q) => q.eq("account", account).eq("slug", slug))
      .unique();
    if (agent !== null) slugs.push(slug);
  }
  return slugs;
}

async function requireThread(ctx: QueryCtx, account: string, id: Id<"threads">): Promise<void> {
  const thread = await ctx.db.get("threads", id);
  if (thread?.account !== account) throw refused("the account has no such thread");
}
