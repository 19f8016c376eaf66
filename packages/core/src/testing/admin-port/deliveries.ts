import { beforeEach, describe, expect, it } from "vitest";
import { NotFoundError } from "../../errors.ts";
import { messageIdOf, newNotificationId, type AgentSlug, type NotificationId } from "../../ids.ts";
import { WrongStateError } from "../../notification/errors.ts";
import { failure, leaseMs, reply } from "../runtime-port/runtime-port-test.ts";
import { inputsOf, type AdminPortTest } from "./admin-port-test.ts";

/** What an admin sees and does about deliveries. */
export function deliveries(t: AdminPortTest): void {
  const { notify, claimOne } = t;

  /** A notification that failed for good. */
  async function die(thread: string): Promise<NotificationId> {
    const id = await notify(thread);
    await t.port.fail((await claimOne()).lease, failure({ retryable: false }));
    return id;
  }

  describe("notifications", () => {
    it("tells all there is to tell of one that waits", async () => {
      const id = await notify("t1", { input: "Hi", instructions: "Kindly", idempotencyKey: "cause-1" });
      expect((await t.admin.notifications()).items).toEqual([
        {
          id,
          account: t.account,
          agent: "writer",
          thread: "t1",
          input: "Hi",
          instructions: "Kindly",
          idempotencyKey: "cause-1",
          state: "pending",
          position: expect.any(Number),
          attempts: 0,
          maxAttempts: 3,
          waits: 0,
          notBefore: t.clock.now(),
          lease: null,
          attempt: null,
          repeated: false,
          lastLeaseId: null,
          outcome: null,
          lastError: null,
          createdAt: t.clock.now(),
          deliveredAt: null,
        },
      ]);
    });

    it("tells who is delivering one", async () => {
      await notify("t1");
      const { lease, sessionKey } = await claimOne({ claimId: "c-1" });
      await t.port.begin(lease, { sessionMark: { entries: 4 } });
      expect((await t.admin.notifications()).items).toMatchObject([
        {
          state: "leased",
          lease: {
            id: lease.id,
            workerId: "w1",
            incarnation: "i1",
            claimId: "c-1",
            until: t.clock.now() + leaseMs,
          },
          attempt: { number: 1, leaseId: lease.id, sessionKey, sessionMark: { entries: 4 }, outcome: null },
        },
      ]);
    });

    it("tells how and when one was delivered", async () => {
      await notify("t1");
      const { lease } = await claimOne();
      t.clock.advance(7);
      await t.port.complete(lease, reply("Hello"));
      expect((await t.admin.notifications()).items).toMatchObject([
        { state: "delivered", outcome: "reply", lease: null, deliveredAt: t.clock.now() },
      ]);
    });

    it("gives those of one state, of one agent, and of both", async () => {
      const agent = "reviewer" as AgentSlug;
      const dead = await die("t1");
      const waits = await notify("t2");
      const other = await notify("t3", { agent });
      const ids = async (request: Parameters<typeof t.admin.notifications>[0]) =>
        (await t.admin.notifications(request)).items.map(({ id }) => id);
      expect(await ids({ state: "dead" })).toEqual([dead]);
      expect(await ids({ state: "pending" })).toEqual([other, waits]);
      expect(await ids({ agent })).toEqual([other]);
      expect(await ids({ agent, state: "dead" })).toEqual([]);
      expect(await ids({ state: "pending", limit: 1 })).toEqual([other]);
    });
  });

  describe("dead letters", () => {
    it("are the dead ones alone, newest first, each with its last error", async () => {
      const first = await die("t1");
      const second = await die("t2");
      await notify("t3");
      const lastError = failure().reason;
      expect((await t.admin.deadLetters()).items).toMatchObject([
        { id: second, state: "dead", lastError },
        { id: first, state: "dead", lastError },
      ]);
    });
  });

  describe("redrive", () => {
    let dead: NotificationId;

    beforeEach(async () => {
      dead = await die("t1");
    });

    it("gives a dead one new attempts, and says so in the audit log", async () => {
      t.clock.advance(1_000);
      await t.admin.redrive(dead);
      expect((await t.admin.notifications()).items).toMatchObject([
        { id: dead, state: "pending", attempts: 0, notBefore: t.clock.now() },
      ]);
      expect((await t.admin.deadLetters()).items).toEqual([]);
      expect((await claimOne()).lease.notification).toBe(dead);
      expect((await t.admin.activities()).items[0]).toMatchObject({
        type: "notification_redriven",
        actor: "user-1",
        subject: dead,
        at: t.clock.now(),
      });
    });

    it("refuses one that is not dead, and one that there is not; the audit log is not told", async () => {
      const before = await t.admin.activities();
      const pending = await notify("t2");
      await expect(t.admin.redrive(pending)).rejects.toThrow(WrongStateError);
      const { lease } = await claimOne();
      await expect(t.admin.redrive(pending)).rejects.toThrow(WrongStateError);
      await t.port.complete(lease, reply("done"));
      await expect(t.admin.redrive(pending)).rejects.toThrow(WrongStateError);
      await expect(t.admin.redrive(newNotificationId(0))).rejects.toThrow(NotFoundError);
      expect(await t.admin.activities()).toEqual(before);
    });

    it("refuses to do it twice", async () => {
      await t.admin.redrive(dead);
      await expect(t.admin.redrive(dead)).rejects.toThrow(WrongStateError);
    });
  });

  describe("messages", () => {
    it("tells all there is to tell, and nothing of an agent's silence", async () => {
      const id = await notify("t1");
      await t.port.complete((await claimOne()).lease, reply("Hello"));
      await notify("t1");
      await t.port.complete((await claimOne()).lease, { kind: "noReply", responseId: null });
      expect((await t.admin.messages()).items).toEqual([
        {
          id: messageIdOf(id),
          account: t.account,
          agent: "writer",
          thread: "t1",
          notification: id,
          text: "Hello",
          truncated: false,
          repeated: false,
          responseId: "resp_1",
          createdAt: t.clock.now(),
        },
      ]);
    });
  });

  describe("what is gone from the roster", () => {
    it("is still listed", async () => {
      await notify("t1", { input: "still here" });
      await t.subject.platform.removeAgent({ account: t.account, agent: "writer" });
      expect(inputsOf((await t.admin.notifications()).items)).toEqual(["still here"]);
    });
  });
}
