import type { Outcome } from "./simulate.ts";

/** What a person needs to see of a seed that failed: how to play it again, and what came last. */
export function failureOf({ seed, problem, story }: Outcome): string {
  const told = problem?.name === "Violation" ? problem.message : problem?.stack;
  return [
    `seed ${seed}: ${told}`,
    ...story.lines.slice(-30),
    "",
    `Replay it: SEED=${seed} pnpm test:sim`,
  ].join("\n");
}

/** How often each kind of thing happened. */
export function tableOf(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([kind, count]) => `${String(count).padStart(8)}  ${kind}`)
    .join("\n");
}
