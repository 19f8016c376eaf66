import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fullJitter } from "./backoff.ts";

const tries = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1 }), fc.constant(Infinity));
const options = fc.record({ baseMs: fc.nat({ max: 100_000 }), capMs: fc.nat({ max: 10_000_000 }) });
const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const nearlyOne = 1 - Number.EPSILON / 2;

describe("fullJitter", () => {
  it("gives a whole number from zero to the bound, and never more than the cap, however many tries", () => {
    fc.assert(
      fc.property(tries, options, fraction, (count, { baseMs, capMs }, random) => {
        const delayMs = fullJitter(count, { baseMs, capMs }, () => random);
        expect(Number.isSafeInteger(delayMs)).toBe(true);
        expect(delayMs).toBeGreaterThanOrEqual(0);
        expect(delayMs).toBeLessThanOrEqual(Math.min(capMs, baseMs * 2 ** (Math.min(count, 1_000) - 1)));
      }),
    );
  });

  it("waits no shorter after more tries, with the same luck", () => {
    fc.assert(
      fc.property(tries, tries, options, fraction, (a, b, bounds, random) => {
        const delayMs = (count: number) => fullJitter(count, bounds, () => random);
        expect(delayMs(Math.max(a, b))).toBeGreaterThanOrEqual(delayMs(Math.min(a, b)));
      }),
    );
  });

  it.each([
    [1, 999],
    [2, 1_999],
    [3, 3_999],
    [7, 59_999],
    [5_000, 59_999],
  ])("reaches from 0 to nearly the whole bound after %i tries", (count, mostMs) => {
    const bounds = { baseMs: 1_000, capMs: 60_000 };
    expect(fullJitter(count, bounds, () => 0)).toBe(0);
    expect(fullJitter(count, bounds, () => nearlyOne)).toBe(mostMs);
  });

  it("takes less than one try for one", () => {
    expect(fullJitter(0, { baseMs: 1_000, capMs: 60_000 }, () => 0.5)).toBe(500);
  });

  it("brings its own randomness", () => {
    const delays = Array.from({ length: 20 }, () => fullJitter(30, { baseMs: 1_000, capMs: 1e9 }));
    expect(new Set(delays).size).toBeGreaterThan(1);
  });
});
