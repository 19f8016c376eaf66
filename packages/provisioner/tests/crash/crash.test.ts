import { describe, expect, it } from "vitest";
import { injectionsFor, tellStory } from "./story.ts";

/** Every call × every fault, one at a time. Pairs of faults are in `tests/contract/crash.test.ts`. */
describe("promise 10: whatever call crashes, times out or is repeated, there is one droplet in the end", () => {
  for (const callers of [1, 3])
    for (const lagMs of [0, 8_000])
      it(`with ${callers} at once, and lists that lag ${lagMs / 1_000} s`, { timeout: 60_000 }, async () => {
        const cases = injectionsFor(await tellStory({ callers, lagMs }));
        const failed: string[] = [];
        for (const { title, injection } of cases) {
          try {
            await tellStory({ injections: [injection], callers, lagMs });
          } catch (error) {
            failed.push(`${title}: ${error instanceof Error ? error.message : String(error)}`);
          }
        }
        console.log(`${cases.length} cases with ${callers} at once and ${lagMs} ms of lag`);
        expect(failed.slice(0, 10)).toEqual([]);
      });
});
