import { expect, it } from "vitest";
import { simulate } from "./simulate.ts";

const seed = Number(process.env["SEED"]);

it(`keeps its promises in the story of the seed ${seed}`, async () => {
  const { problem, story } = await simulate(seed);
  console.log(story.lines.join("\n"));
  if (problem !== null) throw problem;
  expect(story.lines).not.toEqual([]);
});
