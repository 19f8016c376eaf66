import { describe, expect, it } from "vitest";
import {
  accountId,
  agentSlug,
  leaseId,
  messageIdOf,
  newLeaseId,
  newNotificationId,
  notificationId,
  threadId,
} from "./ids.ts";

const uuid = "0190c3a2-7b1e-7c53-9d6a-4f1e2b3c4d5e";
const schemas = { accountId, agentSlug, threadId, notificationId, leaseId };

describe("an id", () => {
  it.each<[keyof typeof schemas, string]>([
    ["accountId", "acme"],
    ["accountId", "Acme & Söhne / 漢字 🦞"],
    ["accountId", "a".repeat(128)],
    ["threadId", "t"],
    ["threadId", "t".repeat(256)],
    ["threadId", "one:two"],
    ["agentSlug", "a"],
    ["agentSlug", "0-writer_2"],
    ["agentSlug", "a".repeat(64)],
    ["notificationId", `ntf_${uuid}`],
    ["leaseId", `lse_${uuid}`],
  ])("%s takes %j as it is", (name, value) => {
    expect(schemas[name].parse(value)).toBe(value);
  });

  it.each<[keyof typeof schemas, unknown]>([
    ["accountId", ""],
    ["accountId", "a".repeat(129)],
    ["accountId", "two\nlines"],
    ["accountId", "nul\0"],
    ["accountId", "half a pair \uD83E"],
    ["accountId", 7],
    ["accountId", undefined],
    ["threadId", ""],
    ["threadId", "t".repeat(257)],
    ["threadId", "\u0085"],
    ["threadId", "\uDD9E"],
    ["agentSlug", ""],
    ["agentSlug", "Writer"],
    ["agentSlug", "-writer"],
    ["agentSlug", "_writer"],
    ["agentSlug", "writer:main"],
    ["agentSlug", "writer\n"],
    ["agentSlug", "wríter"],
    ["agentSlug", "a".repeat(65)],
    ["notificationId", uuid],
    ["notificationId", `lse_${uuid}`],
    ["notificationId", `ntf_${uuid}\n`],
    ["notificationId", `ntf_${uuid}x`],
    ["notificationId", "ntf_1"],
    ["leaseId", `ntf_${uuid}`],
    ["leaseId", "lse_"],
  ])("%s refuses %j", (name, value) => {
    expect(schemas[name].safeParse(value).success).toBe(false);
  });
});

describe("a new id", () => {
  it("is one that its schema takes, and another each time", () => {
    expect(notificationId.safeParse(newNotificationId(0)).success).toBe(true);
    expect(leaseId.safeParse(newLeaseId()).success).toBe(true);
    expect(newNotificationId(1)).not.toBe(newNotificationId(1));
    expect(newLeaseId()).not.toBe(newLeaseId());
  });

  it("of a notification stands behind those of before, so that an index grows at its end", () => {
    const times = [0, 1, 255, 256, Date.UTC(2026, 10, 26), Date.UTC(9999, 11, 31)];
    const ids = times.map(newNotificationId);
    expect(ids.toSorted()).toEqual(ids);
    for (const id of ids) expect(notificationId.safeParse(id).success).toBe(true);
  });
});

describe("promise 3: a message id", () => {
  it("follows from the notification, so that there cannot be two", () => {
    const id = notificationId.parse(`ntf_${uuid}`);
    expect(messageIdOf(id)).toBe(`msg_${uuid}`);
    expect(messageIdOf(id)).toBe(messageIdOf(id));
    expect(messageIdOf(newNotificationId(0))).not.toBe(messageIdOf(newNotificationId(0)));
  });
});
