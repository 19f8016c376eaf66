import { onTestFailed } from "vitest";
import { createRandom, type Random } from "../sim/random.ts";

/** What a story leaves to chance: victims and times. `SEED=n` draws the same again; when they strike is the machine's. */
export function drawSeed(): { seed: number; random: Random } {
  const seed = Number(process.env["SEED"] ?? Math.floor(Math.random() * 1_000_000));
  onTestFailed(({ task }) => {
    console.log(`Replay it: SEED=${seed} pnpm test:chaos -t ${JSON.stringify(task.name)}`);
  });
  return { seed, random: createRandom(seed) };
}
