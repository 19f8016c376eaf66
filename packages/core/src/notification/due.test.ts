import { describe, expect, it } from "vitest";
import { newLeaseId } from "../ids.ts";
import { limits } from "../limits.ts";
import { isDue, readyAt } from "./due.ts";

const now = 1_700_000_000_000;
const lease = { id: newLeaseId(), workerId: "w1", incarnation: "i1", claimId: "c1", until: now + 30_000 };

describe("readyAt: promise 4, the head of a session key decides alone", () => {
  it("is never for a session key without work", () => {
    expect(readyAt(null)).toBeNull();
  });

  it("is the time of the retry for a head that waits", () => {
    expect(readyAt({ state: "pending", notBefore: now + 5_000, lease: null })).toBe(now + 5_000);
  });

  it("is not the end of a lease that was taken away", () => {
    expect(readyAt({ state: "pending", notBefore: now - 5_000, lease })).toBe(now - 5_000);
  });

  it("is the end of the lease for a head that is under way, whenever it was due", () => {
    expect(readyAt({ state: "leased", notBefore: now - 5_000, lease })).toBe(lease.until);
    expect(readyAt({ state: "leased", notBefore: now + 60_000, lease })).toBe(lease.until);
  });
});

describe("isDue", () => {
  it.each([
    ["long ago", now - 1e9, true],
    ["now", now, true],
    ["in a millisecond", now + 1, false],
    ["at the end of the longest wait", now + limits.waitMs, false],
    ["later than anything waits: the clock was set back", now + limits.waitMs + 1, true],
    ["in a day", now + 24 * 60 * 60_000, true],
  ])("%s: %i is due: %s", (_, at, due) => {
    expect(isDue(at, now)).toBe(due);
  });

  it("promise 1: comes within the longest wait, wherever the clock jumps to", () => {
    for (const jumpMs of [-1e12, -limits.waitMs, -1, 0, 1, limits.waitMs, 1e12]) {
      const at = now + limits.waitMs;
      expect(isDue(at, now + jumpMs) || isDue(at, now + jumpMs + limits.waitMs)).toBe(true);
    }
  });
});
