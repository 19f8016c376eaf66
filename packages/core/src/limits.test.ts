import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TooLargeError } from "./errors.ts";
import { checkBytes, truncateBytes } from "./limits.ts";

const sizes = [
  ["a", 1],
  ["ö", 2],
  ["漢", 3],
  ["🦞", 4],
] as const;
const bytesOf = (text: string) => new TextEncoder().encode(text).length;
const text = fc.string({ unit: "binary", maxLength: 60 });

describe("checkBytes", () => {
  it.each(sizes)(
    "counts %s as %i bytes: takes a text of exactly the limit, refuses one more",
    (character, bytes) => {
      const full = character.repeat(100);
      expect(() => checkBytes("input", full, 100 * bytes)).not.toThrow();
      expect(() => checkBytes("input", full, 100 * bytes - 1)).toThrow(TooLargeError);
      expect(() => checkBytes("input", `${full}a`, 100 * bytes)).toThrow(TooLargeError);
    },
  );

  it("says which field, how large it is and what would be accepted, and not what it holds", () => {
    expect(() => checkBytes("input", "ööö", 5)).toThrow("input is 6 bytes of UTF-8; at most 5 are accepted.");
  });

  it("refuses exactly what is over the limit", () => {
    fc.assert(
      fc.property(text, fc.nat({ max: 200 }), (value, limitBytes) => {
        const check = () => checkBytes("input", value, limitBytes);
        if (bytesOf(value) > limitBytes) expect(check).toThrow(TooLargeError);
        else expect(check).not.toThrow();
      }),
    );
  });
});

describe("truncateBytes", () => {
  it.each(sizes)("keeps %s (%i bytes) whole or not at all", (character, bytes) => {
    for (let limitBytes = 0; limitBytes <= 3 * bytes; limitBytes++)
      expect(truncateBytes(character.repeat(3), limitBytes)).toBe(
        character.repeat(Math.floor(limitBytes / bytes)),
      );
  });

  it("gives the longest beginning that fits and splits no character", () => {
    fc.assert(
      fc.property(text, fc.nat({ max: 200 }), (value, limitBytes) => {
        const kept = truncateBytes(value, limitBytes);
        expect(value.startsWith(kept)).toBe(true);
        expect(bytesOf(kept)).toBeLessThanOrEqual(limitBytes);
        expect(/\p{Cs}/u.test(kept)).toBe(false);
        const [next] = value.slice(kept.length);
        if (next !== undefined) expect(bytesOf(kept + next)).toBeGreaterThan(limitBytes);
      }),
    );
  });
});
