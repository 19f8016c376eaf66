import { describe, expect, it } from "vitest";
import type { AgentSlug } from "../../ids.ts";
import { InvalidInputError } from "../../errors.ts";
import { nextHeartbeatAt } from "../../heartbeat/heartbeat.ts";
import { reply, type RuntimePortTest } from "./runtime-port-test.ts";

const minute = 60_000;
const everyMs = 10 * minute;

/** Heartbeats come from `claim`, whoever claims. */
export function heartbeats(t: RuntimePortTest): void {
  const { claim, notify } = t;
  const schedule = (agent: string, heartbeatEveryMs: number | undefined) =>
    t.subject.platform.upsertAgent({
      account: t.account,
      agent,
      ...(heartbeatEveryMs === undefined ? {} : { heartbeatEveryMs }),
    });
  const beats = async (): Promise<AgentSlug[]> =>
    (await claim()).filter(({ thread }) => thread === "heartbeat").map(({ agent }) => agent);
  /** To the moment at which the agent's next heartbeat is due. */
  const untilDue = (agent: string): void =>
    t.clock.advance(
      nextHeartbeatAt({ account: t.account, slug: agent }, everyMs, t.clock.now()) - t.clock.now(),
    );

  describe("heartbeats", () => {
    it("wake an agent once in each interval, and not at once", async () => {
      await schedule("writer", everyMs);
      expect(await beats()).toEqual([]);
      for (let count = 0; count < 3; count++) {
        untilDue("writer");
        const [claimed] = await claim();
        expect(claimed).toMatchObject({ agent: "writer", thread: "heartbeat", input: expect.any(String) });
        expect(await beats()).toEqual([]);
        await t.port.complete(claimed!.lease, { kind: "heartbeatOk", responseId: null });
        t.clock.advance(minute);
        expect(await beats()).toEqual([]);
      }
      const stored = (await t.admin.notifications()).items;
      expect(stored).toHaveLength(3);
      for (const { idempotencyKey } of stored) expect(idempotencyKey).toMatch(/^heartbeat:writer:\d+$/);
    });

    it("are skipped while the agent has something to deliver, and never two at once", async () => {
      await schedule("writer", everyMs);
      await beats();
      await notify("t1");
      t.clock.advance(everyMs);
      const [other] = await claim({ limit: 1 });
      expect(other?.thread).toBe("t1");
      expect(await beats()).toEqual([]);
      await t.port.complete(other!.lease, reply("Done"));
      // The one that was skipped is not made up for.
      expect(await beats()).toEqual([]);
      t.clock.advance(everyMs);
      expect(await beats()).toEqual(["writer"]);
      t.clock.advance(everyMs);
      // Its lease has run out by now: it is that one again, and no second one.
      expect(await beats()).toEqual(["writer"]);
      expect(
        (await t.admin.notifications()).items.filter(({ thread }) => thread === "heartbeat"),
      ).toHaveLength(1);
    });

    it("come one at a time after a long silence", async () => {
      await schedule("writer", everyMs);
      await beats();
      t.clock.advance(50 * everyMs);
      expect(await beats()).toEqual(["writer"]);
    });

    it("go on after the clock was set back, and wake nobody twice for the same one", async () => {
      await schedule("writer", everyMs);
      await beats();
      for (let count = 0; count < 2; count++) {
        t.clock.advance(everyMs);
        await t.port.complete((await claim())[0]!.lease, { kind: "heartbeatOk", responseId: null });
      }
      t.clock.advance(-24 * 60 * minute);
      expect(await beats()).toEqual([]);
      t.clock.advance(everyMs);
      expect(await beats()).toEqual(["writer"]);
    });

    it("end with the interval and with the agent", async () => {
      await schedule("writer", everyMs);
      await schedule("reviewer", everyMs);
      await beats();
      await schedule("writer", undefined);
      await t.subject.platform.removeAgent({ account: t.account, agent: "reviewer" });
      t.clock.advance(3 * everyMs);
      expect(await beats()).toEqual([]);
    });

    it("are spread over the interval, so that agents do not wake all at once", async () => {
      for (let count = 0; count < 8; count++) await schedule(`agent-${count}`, everyMs);
      await beats();
      const woken: number[] = [];
      for (let passed = 0; passed < everyMs; passed += minute) {
        t.clock.advance(minute);
        woken.push((await beats()).length);
      }
      expect(woken.filter((count) => count > 0).length).toBeGreaterThan(2);
      expect(woken.reduce((sum, count) => sum + count)).toBeGreaterThanOrEqual(8);
    });

    it("keep their thread and their keys to themselves", async () => {
      await expect(notify("heartbeat")).rejects.toThrow(InvalidInputError);
      await expect(notify("t1", { idempotencyKey: "heartbeat:writer:1" })).rejects.toThrow(InvalidInputError);
    });
  });
}
