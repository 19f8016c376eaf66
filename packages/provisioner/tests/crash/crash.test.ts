import { describe, expect, it } from "vitest";
import { apiFaults } from "./faults.ts";
import { injectionsFor, tellStory } from "./story.ts";

/** Every call × every fault, one at a time. Pairs of faults are in `tests/contract/crash.test.ts`. */
describe("promise 10: an end that is asked for at any moment", () => {
  it("leaves nothing behind, whatever becomes of the create", { timeout: 60_000 }, async () => {
    const common = { callers: 1, lagMs: 8_000 };
    const calls = await tellStory(common);
    const create = calls.findIndex(({ name }) => name === "createDroplet") + 1;
    const failed: string[] = [];
    let cases = 0;
    for (let destroyAfter = 1; destroyAfter <= calls.length; destroyAfter++)
      for (const fault of [null, ...apiFaults]) {
        const injections = fault === null ? [] : [{ call: create, port: "api" as const, fault }];
        cases += 1;
        await tellStory({ ...common, injections, destroyAfter }).catch((error: unknown) =>
          failed.push(
            `after ${destroyAfter} calls, ${fault?.name ?? "no fault"}: ${String(error).slice(0, 300)}`,
          ),
        );
      }
    console.log(`${cases} cases of an end that comes early`);
    expect(failed.slice(0, 10)).toEqual([]);
  });
});

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
