import { defineSchema, defineTable } from "convex/server";
import { v } from "convex/values";
import {
  account,
  agent,
  causeFields,
  contentFields,
  messageFields,
  progressFields,
  secretRecord,
  thread,
} from "../validators.ts";

/**
 * The tables of a control plane. Every index begins with the account, so that no query can leave it, except where the comment
 * says why. What changes often stands apart from what is read often: a function whose reads were changed by another runs again.
 */
export default defineSchema({
  accounts: defineTable({
    account,
    closedAt: v.union(v.null(), v.number()),
    rosterRevision: v.number(),
    keysStored: v.number(),
    keysActive: v.number(),
    keysConfirmed: v.number(),
  }).index("by_account", ["account"]),

  /**
   * An agent that was taken off the roster keeps its row, with `removedAt`, while it has notifications to deliver.
   * `heartbeatDueAt` is null for none, and 0 while none was planned.
   */
  agents: defineTable({
    account,
    slug: agent,
    ref: v.union(v.null(), v.string()),
    heartbeatEveryMs: v.union(v.null(), v.number()),
    heartbeatDueAt: v.union(v.null(), v.number()),
    heartbeatSlot: v.number(),
    filesBytes: v.number(),
    removedAt: v.union(v.null(), v.number()),
  })
    .index("by_slug", ["account", "slug"])
    .index("by_heartbeat", ["account", "heartbeatDueAt"])
    .index("by_removal", ["account", "removedAt"]),

  /** Apart from `agents`, which each `notify` reads: these may be large. JSON, since names of files are no names of fields. */
  agentFiles: defineTable({ account, slug: agent, files: v.string() }).index("by_slug", ["account", "slug"]),

  /** `readyAt` is when the key has something to claim, null for never: derived by `readyAt` of core, so that a claim reads one index. */
  sessionKeys: defineTable({
    account,
    agent,
    thread,
    epoch: v.number(),
    lastPosition: v.number(),
    readyAt: v.union(v.null(), v.number()),
  })
    .index("by_parts", ["account", "agent", "thread"])
    .index("by_ready", ["account", "readyAt"])
    .index("by_agent", ["account", "agent", "readyAt"]),

  /**
   * `live` is whether it is pending or leased: the first live one of a session key decides what the key does. `handedOut` is
   * how often it was leased.
   */
  notifications: defineTable({
    ...causeFields,
    ...progressFields,
    sessionKey: v.id("sessionKeys"),
    live: v.boolean(),
    handedOut: v.number(),
  })
    .index("by_notification", ["account", "id"])
    .index("by_cause", ["account", "idempotencyKey"])
    .index("by_turn", ["sessionKey", "live", "position"])
    .index("by_account", ["account"])
    .index("by_agent", ["account", "agent"])
    .index("by_state", ["account", "state"])
    .index("by_agent_state", ["account", "agent", "state"])
    // Across accounts, for upkeep: what ran out, and what is old.
    .index("by_lease", ["state", "lease.until"])
    .index("by_age", ["live", "createdAt"]),

  /** Apart from `notifications`, because a document is written whole: half a megabyte with each change of state. */
  contents: defineTable({ account, notification: v.id("notifications"), ...contentFields }).index(
    "by_notification",
    ["notification"],
  ),

  /** `feed` and `position` are its place in the feeds that the platform reads; see feeds.ts. */
  messages: defineTable({ ...messageFields, feed: v.number(), position: v.number() })
    .index("by_message", ["account", "id"])
    .index("by_account", ["account"])
    // Across accounts, for the platform's feed and for upkeep.
    .index("by_feed", ["feed", "position"])
    .index("by_age", ["createdAt"]),

  feeds: defineTable({ feed: v.number(), last: v.number() }).index("by_feed", ["feed"]),

  /** One row a wake-up, never changed: two of them cannot get in each other's way. What watches reads the newest alone. */
  wakes: defineTable({ account }).index("by_account", ["account"]),

  incarnations: defineTable({
    account,
    workerId: v.string(),
    incarnation: v.string(),
    fenced: v.boolean(),
    claimId: v.union(v.null(), v.string()),
    claimed: v.array(v.string()),
    startedAt: v.number(),
  })
    .index("by_incarnation", ["account", "workerId", "incarnation"])
    .index("by_worker", ["account", "workerId", "fenced"])
    .index("by_start", ["account", "fenced", "startedAt"]),

  /**
   * The last report of each worker, as JSON. `dueAt` is when the worker is overdue, null once that was noticed: whoever is
   * subscribed to the status is told then.
   */
  reports: defineTable({
    account,
    workerId: v.string(),
    report: v.string(),
    receivedAt: v.number(),
    dueAt: v.union(v.null(), v.number()),
  })
    .index("by_worker", ["account", "workerId"])
    .index("by_time", ["account", "receivedAt"])
    // Across accounts, for upkeep.
    .index("by_due", ["dueAt"]),

  directives: defineTable({
    account,
    kind: v.union(v.literal("restart"), v.literal("drain"), v.literal("resync"), v.literal("upgrade")),
    target: v.union(v.null(), v.string()),
    createdAt: v.number(),
  }).index("by_account", ["account", "createdAt"]),

  /** Of a service token only the SHA-256 is here. By hash, across accounts: the token says which account. */
  serviceTokens: defineTable({
    id: v.string(),
    account,
    hash: v.string(),
    createdAt: v.number(),
    createdBy: v.string(),
    revokedAt: v.union(v.null(), v.number()),
    /** A droplet brought it, so it ends with the droplet. */
    provisioned: v.boolean(),
  })
    .index("by_hash", ["hash"])
    .index("by_account", ["account", "revokedAt"]),

  activities: defineTable({
    account,
    type: v.string(),
    actor: v.string(),
    subject: v.union(v.null(), v.string()),
    at: v.number(),
  })
    .index("by_account", ["account"])
    // Across accounts, for upkeep.
    .index("by_age", ["at"]),

  /**
   * `record` is that of core without its attempts, as JSON; each attempt is a row of its own, since together they may be large.
   * `dueAt` is by when a droplet that is being made must be there, null for none and once it was noticed that it is not: whoever is
   * subscribed to the status is told then.
   */
  provisions: defineTable({
    account,
    revision: v.number(),
    state: v.string(),
    record: v.string(),
    dueAt: v.union(v.null(), v.number()),
  })
    .index("by_account", ["account"])
    // Across accounts, for what drives the provisioner, and for upkeep.
    .index("by_state", ["state", "account"])
    .index("by_due", ["dueAt"]),
  provisionAttempts: defineTable({ account, number: v.number(), attempt: v.string() }).index("by_number", [
    "account",
    "number",
  ]),
  /** Of a bootstrap token only the SHA-256 is here. By hash, across accounts: the token says which account. */
  bootstrapTokens: defineTable({ account, hash: v.string() }).index("by_hash", ["hash"]),

  /** How far the steps of upgrade.ts have come. */
  upgrades: defineTable({ name: v.string(), reached: v.number(), done: v.boolean() }).index("by_name", [
    "name",
  ]),

  secrets: defineTable(secretRecord.fields)
    .index("by_provider", ["account", "provider"])
    // Across accounts, for rewrapping all of them.
    .index("by_record", ["id"]),
});
