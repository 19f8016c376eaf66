import { expect, it } from "vitest";
import { retryAfterMs } from "./retry-after.ts";

const now = Date.parse("2026-11-22T13:47:27Z");

it.each([
  ["5", 5_000],
  ["0", 0],
  ["Sun, 22 Nov 2026 13:48:27 GMT", 60_000],
  ["Sun, 22 Nov 2026 13:00:00 GMT", 0],
  ["soon", null],
  ["soon 5", null],
  ["-5", null],
  ["+60", null],
  ["1.5", null],
  ["3600.5", null],
  ["120, 120", null],
  ["2026-12-1", null],
  ["-5x", null],
  ["", null],
])("reads Retry-After %j as %j", (value, expected) => {
  expect(retryAfterMs(new Headers({ "retry-after": value }), now)).toBe(expected);
});

it("reads none where there is none", () => {
  expect(retryAfterMs(new Headers(), now)).toBeNull();
});
