import { defineSchema, defineTable } from "convex/server";
import { v } from "convex/values";

/** The platform's own tables. What LobsterControl stores is in the component's, which no function here can reach. */
export default defineSchema({
  /** `slug` is the id by which LobsterControl knows the account. */
  accounts: defineTable({ slug: v.string(), name: v.string() }).index("by_slug", ["slug"]),

  /** `user` is the `tokenIdentifier` of whoever has signed in. */
  members: defineTable({
    account: v.string(),
    user: v.string(),
    name: v.string(),
    role: v.union(v.literal("admin"), v.literal("member")),
  }).index("by_user", ["account", "user"]),

  /** `_id` is the `ref` by which LobsterControl names the agent to us. */
  agents: defineTable({ account: v.string(), slug: v.string(), name: v.string() }).index("by_slug", [
    "account",
    "slug",
  ]),

  threads: defineTable({ account: v.string(), title: v.string() }).index("by_account", ["account"]),

  /** `source` is the id of LobsterControl's message, for what an agent said. */
  messages: defineTable({
    account: v.string(),
    thread: v.id("threads"),
    from: v.string(),
    text: v.string(),
    source: v.union(v.null(), v.string()),
  })
    .index("by_thread", ["account", "thread"])
    .index("by_source", ["source"]),

  /** How many agents have handed something on until this notification: what bounds a conversation among agents. */
  asked: defineTable({ notification: v.string(), hops: v.number() }).index("by_notification", [
    "notification",
  ]),

  /** Features that are switched on. */
  flags: defineTable({ name: v.string(), enabled: v.boolean() }).index("by_name", ["name"]),
});
