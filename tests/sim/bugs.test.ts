import { describe, expect, it } from "vitest";
import { bugs } from "./bugs.ts";
import { simulate } from "./simulate.ts";

/** Within so many seeds each of them is found. That none is found where none was planted is for the seeds to show. */
const seeds = 200;

describe("finds a bug that was planted", () => {
  it.each(bugs)("$name", async (bug) => {
    for (let seed = 1; seed <= seeds; seed++) {
      const { problem } = await simulate(seed, bug);
      if (problem === null) continue;
      expect(problem.message).toMatch(bug.breaks);
      return;
    }
    expect.fail(`not found in ${seeds} seeds`);
  });
});
