/**
 * Promise 10, further than the provisioner's own tests go: every pair of faults in one story, the second at every call that
 * is made after the first. In memory, with a clock that a test moves.
 */
import { describe, expect, it } from "vitest";
import { injectionsFor, tellStory } from "../../packages/provisioner/tests/crash/story.ts";

describe("promise 10: whatever two calls crash, time out or are repeated, there is one droplet in the end", () => {
  it("for every pair of faults, with lists that lag 8 s", { timeout: 1_800_000 }, async () => {
    const common = { callers: 1, lagMs: 8_000 };
    const failed: string[] = [];
    let cases = 0;
    for (const first of injectionsFor(await tellStory(common))) {
      const calls = await tellStory({ ...common, injections: [first.injection] });
      for (const second of injectionsFor(calls)) {
        if (second.injection.call <= first.injection.call) continue;
        cases += 1;
        try {
          await tellStory({ ...common, injections: [first.injection, second.injection] });
        } catch (error) {
          const said = error instanceof Error ? error.message : String(error);
          failed.push(`${first.title}; ${second.title}: ${said.slice(0, 300)}`);
        }
      }
    }
    console.log(`${cases} cases of two faults`);
    expect(failed.slice(0, 10)).toEqual([]);
  });
});
