import { expect, it } from "vitest";
import { simulate } from "./simulate.ts";

it("tells the same story twice for the same seed, to the last event", async () => {
  for (let seed = 1; seed <= 25; seed++) {
    const [once, again] = [await simulate(seed), await simulate(seed)];
    expect(again.story.lines).toEqual(once.story.lines);
    expect(again.steps).toBe(once.steps);
    expect(once.story.lines.length).toBeGreaterThan(10);
  }
});

it("tells another story for another seed", async () => {
  const stories = await Promise.all(
    [1, 2, 3].map(async (seed) => (await simulate(seed)).story.lines.join("\n")),
  );
  expect(new Set(stories).size).toBe(3);
});
