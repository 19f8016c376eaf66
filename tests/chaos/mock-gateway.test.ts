/**
 * Real processes and SIGKILL, with the mock gateway. It has no history that would survive its death, so the runtimes run
 * without `control`: what may have run is sent again, and its message must say that it is repeated (promise 5).
 */
import { describe, expect, it } from "vitest";
import { groupBy } from "./group-by.ts";
import { judge, withoutReason } from "./judge.ts";
import { drawSeed } from "./seed.ts";
import { openStage } from "./stage.ts";
import { blows, playStorm } from "./storm.ts";
import { until } from "./until.ts";

const stories = [
  { where: "on one SQLite file", overHttp: false, threads: 50, each: 20, strikes: 55 },
  { where: "over HTTP", overHttp: true, threads: 50, each: 20, strikes: 55 },
];

describe("promises 1 to 5 when everybody is killed at random", () => {
  it.each(stories)("$threads session keys with $each notifications each, runtimes $where", async (story) => {
    const { seed, random } = drawSeed();
    const startedAt = performance.now();
    const total = story.threads * story.each;
    const stage = await openStage(story);
    await until("the first run begins", () => stage.progress() > 0);
    const dealt = await playStorm(stage, random, story.strikes);
    const early = stage.messages().length;

    await until("all are delivered or dead", () => stage.isOver());
    const dead = (await stage.admin.deadLetters({ limit: 1_000 })).items.toReversed();
    expect(withoutReason(dead)).toEqual([]);
    expect(dead.map(({ input }) => input)).toEqual(expect.arrayContaining(stage.poisoned()));
    stage.mend();
    for (const { id } of dead) await stage.admin.redrive(id);
    await until("the platform has all messages", () => stage.messages().length === total);

    const redriven = dead.map(({ input }) => input);
    const runs = groupBy(stage.files.runs.read(), ({ input }) => input);
    const problems = judge({
      ...(await stage.evidence()),
      heard: stage.files.runs.read().map(({ input }) => input),
      isReply: (input, text) => runs.get(input)?.some(({ run }) => text === `${input}, by ${run}`) === true,
      redriven,
    });
    expect(problems).toEqual([]);
    expect(await stage.drain()).toEqual([0, 0]);
    expect(stage.unexpected).toEqual([]);

    // What did not happen was not tried.
    const missing = blows.filter((blow) => !dealt.has(blow));
    expect(missing).toEqual(story.overHttp ? [] : ["the control plane was killed"]);
    const repeated = stage.messages().filter((message) => message.repeated).length;
    expect(repeated).toBeGreaterThan(0);
    const took = Math.round((performance.now() - startedAt) / 1_000);
    console.log(
      [
        `seed ${seed}: ${took} s, ${early} of ${total} delivered in the storm`,
        `${stage.progress()} runs, ${repeated} messages repeated, ${dead.length} dead and redriven`,
        ...Array.from(dealt, ([blow, times]) => `${String(times).padStart(4)}  ${blow}`),
      ].join("\n"),
    );
  });
});
