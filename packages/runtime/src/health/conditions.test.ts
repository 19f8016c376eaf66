import { createFakeClock } from "@lobstercontrol/core/testing";
import { expect, it } from "vitest";
import { createConditions } from "./conditions.ts";
import { someOf } from "./some-of.ts";

it("promise 11: no message is longer than what a report may carry, and the cut comes after the scrubbing", () => {
  const conditions = createConditions(createFakeClock());
  const key = ["sk", "0123456789abcdef0123"].join("-");
  const message = `${"x".repeat(985)} ${key} and more`;
  conditions.set("AgentsSynced", { status: "false", reason: "FilesNotWritten", message });
  expect(conditions.list()[0]?.message).toBe(`${"x".repeat(985)} sk-[secret] an`);
});

it("a long list of names ends with how many more there are", () => {
  expect(someOf(["a", "b"])).toBe("a, b");
  const names = Array.from({ length: 40 }, () => "n".repeat(64));
  expect(someOf(names)).toMatch(/^(n{64}, ){9}n{64} and 30 more$/);
});
