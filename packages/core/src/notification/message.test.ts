import { describe, expect, it } from "vitest";
import { accountId, agentSlug, messageIdOf, newNotificationId, threadId } from "../ids.ts";
import { messageOf } from "./message.ts";
import type { Notification } from "./types.ts";

const now = 1_700_000_000_000;
const notification: Notification = {
  id: newNotificationId(0),
  account: accountId.parse("acme"),
  agent: agentSlug.parse("writer"),
  thread: threadId.parse("t1"),
  input: "Hello",
  instructions: null,
  idempotencyKey: "k1",
  state: "delivered",
  position: 1,
  attempts: 1,
  maxAttempts: 3,
  waits: 0,
  notBefore: now,
  lease: null,
  attempt: null,
  repeated: false,
  lastLeaseId: null,
  outcome: "reply",
  lastError: null,
  createdAt: now - 1_000,
  deliveredAt: now,
};

describe("messageOf", () => {
  it("posts a reply to the thread of the notification that it answers", () => {
    expect(messageOf(notification, { kind: "reply", text: "Hi", responseId: "resp_1" }, now)).toEqual({
      id: messageIdOf(notification.id),
      account: "acme",
      agent: "writer",
      thread: "t1",
      notification: notification.id,
      text: "Hi",
      truncated: false,
      repeated: false,
      responseId: "resp_1",
      createdAt: now,
    });
  });

  it("says of a truncated reply that it is", () => {
    const outcome = { kind: "truncated", text: "Hi", responseId: null } as const;
    expect(messageOf(notification, outcome, now)).toMatchObject({
      text: "Hi",
      truncated: true,
      responseId: null,
    });
  });

  it("promise 5: says of a repeated run that the agent may have acted twice", () => {
    const outcome = { kind: "reply", text: "Hi", responseId: null } as const;
    expect(messageOf({ ...notification, repeated: true }, outcome, now)?.repeated).toBe(true);
  });

  it("promise 3: has the same id for whatever run answers, and another for another notification", () => {
    const idOf = (text: string, of = notification) =>
      messageOf(of, { kind: "reply", text, responseId: null }, now)?.id;
    expect(idOf("first run")).toBe(idOf("second run"));
    expect(idOf("Hi", { ...notification, id: newNotificationId(0) })).not.toBe(idOf("Hi"));
  });

  it.each(["noReply", "heartbeatOk", "empty"] as const)(
    "posts nothing for an agent's silence: %s",
    (kind) => {
      expect(messageOf(notification, { kind, responseId: "resp_1" }, now)).toBeNull();
    },
  );
});
