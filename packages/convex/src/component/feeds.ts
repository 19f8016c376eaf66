import { InvalidInputError, limits, sizeOf, type Message } from "@lobstercontrol/core";
import type { Doc } from "./_generated/dataModel.ts";
import type { MutationCtx, QueryCtx } from "./_generated/server.ts";

/**
 * The messages of all accounts are read from a cursor, and none may be skipped. The time of a row will not do: a mutation that
 * began earlier may end later, behind a reader who has gone past its time. So each message has a number, in the order in
 * which mutations ended. One counter for all accounts would make every two completions collide; these are several, and an
 * account always has the same one, so that its messages stay in order.
 */
const feeds = 16;

/** The feed of an account. */
function feedOf(account: string): number {
  let hash = 0;
  for (let index = 0; index < account.length; index++) hash = (hash * 31 + account.charCodeAt(index)) | 0;
  return Math.abs(hash % feeds);
}

/** Stores a message at the end of its feed. */
export async function addMessage(ctx: MutationCtx, message: Message): Promise<void> {
  const { account, id } = message;
  const before = await ctx.db
    .query("messages")
    .withIndex("by_message", (q) => q.eq("account", account).eq("id", id))
    .first();
  // The state machine lets no notification be completed twice; were it wrong, the mutation would come to nothing (promise 3).
  if (before !== null) throw new Error(`${id} is stored already`);
  const feed = feedOf(account);
  const counter = await ctx.db
    .query("feeds")
    .withIndex("by_feed", (q) => q.eq("feed", feed))
    .unique();
  const position = (counter?.last ?? 0) + 1;
  if (counter === null) await ctx.db.insert("feeds", { feed, last: position });
  else await ctx.db.patch("feeds", counter._id, { last: position });
  await ctx.db.insert("messages", { ...message, feed, position });
}

/** A stored message as everybody knows it. */
export function messageFromDoc(doc: Doc<"messages">): Message {
  const { _id, _creationTime, feed: _feed, position: _position, ...message } = doc;
  return message;
}

/** Messages after a cursor: each feed in turn, the one after where the last page ended first, so that none starves. */
export async function readFeeds(
  ctx: QueryCtx,
  after: string | undefined,
  limit: number,
): Promise<{ messages: Message[]; cursor: string }> {
  const cursor = readCursor(after);
  const messages: Message[] = [];
  let characters = 0;
  let ended = cursor.start;
  for (let turn = 0; turn < feeds && messages.length < limit && characters < limits.pageCharacters; turn++) {
    const feed = (cursor.start + turn) % feeds;
    const rows = ctx.db
      .query("messages")
      .withIndex("by_feed", (q) => q.eq("feed", feed).gt("position", cursor.positions[feed]!));
    for await (const row of rows) {
      messages.push(messageFromDoc(row));
      cursor.positions[feed] = row.position;
      ended = feed;
      characters += sizeOf(row);
      if (messages.length === limit || characters >= limits.pageCharacters) break;
    }
  }
  const start = messages.length === 0 ? cursor.start : (ended + 1) % feeds;
  return { messages, cursor: `${start}:${cursor.positions.join(".")}` };
}

function readCursor(after = `0:${Array.from({ length: feeds }, () => 0).join(".")}`): {
  start: number;
  positions: number[];
} {
  const [start = "", list = ""] = after.split(":");
  const positions = list.split(".");
  const numbers = [start, ...positions];
  if (
    positions.length !== feeds ||
    !numbers.every((number) => /^\d{1,15}$/.test(number)) ||
    Number(start) >= feeds
  )
    throw new InvalidInputError({ field: "after", problem: "must be the cursor of an earlier page" });
  return { start: Number(start), positions: positions.map(Number) };
}
