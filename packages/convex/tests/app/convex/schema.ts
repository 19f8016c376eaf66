import { defineSchema, defineTable } from "convex/server";
import { v } from "convex/values";

export default defineSchema({
  /** What `onMessage` was called with. */
  posted: defineTable({
    message: v.string(),
    thread: v.string(),
    text: v.string(),
    ref: v.union(v.null(), v.string()),
  }),
});
