import * as fc from "fast-check";
import { expect, it } from "vitest";
import { equalInConstantTime } from "./constant-time.ts";

it("compares as === does", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "\u0161"), maxLength: 4 });
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(equalInConstantTime(a, b)).toBe(a === b);
    }),
    { numRuns: 2_000 },
  );
});

it("looks at every character", () => {
  const text = "0123456789abcdef";
  for (let place = 0; place < text.length; place++)
    expect(equalInConstantTime(text, `${text.slice(0, place)}#${text.slice(place + 1)}`)).toBe(false);
  expect(equalInConstantTime(text, text)).toBe(true);
});
