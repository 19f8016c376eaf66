import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonical } from "./canonical.ts";
import { toHex, utf8 } from "./test-bytes.ts";

const text = fc.string({ unit: "binary", maxLength: 20 });

/** The same by the book, as somebody else would write it. */
function byTheBook(texts: readonly string[]): string {
  return texts
    .map((each) => {
      const bytes = utf8(each);
      return bytes.length.toString(16).padStart(8, "0") + toHex(bytes);
    })
    .join("");
}

describe("the canonical form of texts", () => {
  it("is each text in UTF-8 behind its length in four bytes", () => {
    expect(toHex(canonical(["lce1", "", "é"]))).toBe("000000046c6365310000000000000002c3a9");
    fc.assert(fc.property(fc.array(text), (texts) => toHex(canonical(texts)) === byTheBook(texts)));
  });

  it.each([127, 128, 255, 256, 300])("takes texts of %i characters", (length) => {
    for (const character of ["a", "\u007f", "\u0080", "é", "€", "😀"])
      expect(toHex(canonical([character.repeat(length), "x"]))).toBe(
        byTheBook([character.repeat(length), "x"]),
      );
  });

  it("goes on from what stands before", () => {
    fc.assert(
      fc.property(fc.array(text), fc.array(text), (before, after) => {
        expect(toHex(canonical(after, canonical(before)))).toBe(byTheBook([...before, ...after]));
      }),
    );
  });

  it("goes into the memory that it is given if it fits, whatever is in there, and into none other", () => {
    const memory = new Uint8Array(64).fill(255);
    fc.assert(
      fc.property(fc.array(text, { maxLength: 4 }), fc.array(text, { maxLength: 4 }), (before, after) => {
        const bytes = canonical(after, canonical(before), memory);
        expect(toHex(bytes)).toBe(byTheBook([...before, ...after]));
      }),
    );
    expect(canonical(["ab"], undefined, memory).buffer).toBe(memory.buffer);
    expect(canonical(["ab"]).buffer).not.toBe(memory.buffer);
    expect(canonical(["a".repeat(61)], undefined, memory).buffer).not.toBe(memory.buffer);
  });

  it("tells any two lists apart", () => {
    const list = fc.array(fc.constantFrom("", "a", "b", "ab", "\0", "\0\0\0\x01", "\0\0\0\x01a"), {
      maxLength: 4,
    });
    fc.assert(
      fc.property(list, list, (a, b) => {
        expect(toHex(canonical(a)) === toHex(canonical(b))).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
      { numRuns: 2_000 },
    );
  });
});
