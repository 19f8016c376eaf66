import { expect, it } from "vitest";
import { mustHappen } from "./must-happen.ts";
import { failureOf, tableOf } from "./report.ts";
import { simulate } from "./simulate.ts";

const count = Number(process.env["SIM_SEEDS"] ?? 2_000);
const from = Number(process.env["SIM_FROM"] ?? 1);
const batch = 100;
const counts = new Map<string, number>();

const batches = Array.from({ length: Math.ceil(count / batch) }, (_, index) => {
  const first = from + index * batch;
  return { first, last: Math.min(first + batch, from + count) - 1 };
});

it.each(batches)(
  "keeps its promises in the stories of the seeds $first to $last",
  async ({ first, last }) => {
    const broken: string[] = [];
    for (let seed = first; seed <= last; seed++) {
      const outcome = await simulate(seed);
      if (outcome.problem !== null) broken.push(failureOf(outcome));
      for (const [kind, times] of outcome.story.counts) counts.set(kind, (counts.get(kind) ?? 0) + times);
    }
    expect(broken.slice(0, 3).join("\n\n")).toBe("");
  },
);

// With fewer seeds something may by chance not happen.
it.runIf(count >= 2_000)("has seen all that may happen", () => {
  console.log(tableOf(counts));
  expect(mustHappen.filter((kind) => !counts.has(kind))).toEqual([]);
});
