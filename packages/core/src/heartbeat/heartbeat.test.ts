import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { heartbeatAt, nextHeartbeatAt, type HeartbeatSchedule } from "./heartbeat.ts";

const agent = { account: "acme", slug: "writer" };
const everyMs = 600_000;

describe("nextHeartbeatAt", () => {
  it("is the same for everyone who asks, after now, and one interval away at most", () => {
    fc.assert(
      fc.property(
        fc.nat(2 ** 41),
        fc.integer({ min: 60_000, max: 10 ** 9 }),
        fc.string(),
        (now, every, slug) => {
          const at = nextHeartbeatAt({ account: "acme", slug }, every, now);
          expect(at).toBeGreaterThan(now);
          expect(at).toBeLessThanOrEqual(now + every);
          expect(nextHeartbeatAt({ account: "acme", slug }, every, at)).toBe(at + every);
          expect(nextHeartbeatAt({ account: "acme", slug }, every, at - 1)).toBe(at);
        },
      ),
    );
  });

  it("is another for another account's agent of the same name", () => {
    const of = (account: string): number => nextHeartbeatAt({ account, slug: "writer" }, everyMs, 0);
    expect(of("acme")).not.toBe(of("other"));
  });
});

describe("heartbeatAt", () => {
  const at = (schedule: HeartbeatSchedule, now: number, isBusy = false) =>
    heartbeatAt({ ...agent, everyMs, isBusy }, schedule, now);

  it("never names a slot twice, whatever the clock does, and never waits longer than an interval", () => {
    const steps = fc.array(fc.integer({ min: -3 * everyMs, max: 3 * everyMs }), { maxLength: 50 });
    fc.assert(
      fc.property(steps, fc.array(fc.boolean(), { minLength: 50, maxLength: 50 }), (jumps, busy) => {
        let now = 10 ** 12;
        let schedule: HeartbeatSchedule = { nextAt: null, lastSlot: 0 };
        const slots = new Set<number>();
        for (const [index, jump] of jumps.entries()) {
          now += jump;
          const due = at(schedule, now, busy[index]);
          if (due === null) {
            expect(schedule.nextAt! - now).toBeLessThanOrEqual(everyMs);
            continue;
          }
          schedule = due.schedule;
          expect(schedule.nextAt).toBeGreaterThan(now);
          if (due.slot === null) continue;
          expect(busy[index]).toBe(false);
          expect(slots).not.toContain(due.slot);
          slots.add(due.slot);
        }
      }),
    );
  });

  it("names the slot by the minute in which it was due", () => {
    const nextAt = nextHeartbeatAt(agent, everyMs, 10 ** 12);
    expect(at({ nextAt, lastSlot: 0 }, nextAt + 5)?.slot).toBe(Math.floor(nextAt / 60_000));
    expect(at({ nextAt, lastSlot: 0 }, nextAt - 1)).toBeNull();
  });
});
