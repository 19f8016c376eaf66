import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "../sim/random.ts";
import { fencedExitCode, leaseMs } from "./settings.ts";
import type { Part, Stage } from "./stage.ts";
import { until } from "./until.ts";

/** What may befall a process. */
export const blows = [
  "a runtime was killed, and came back under its name",
  "a runtime was killed, and came back under another name",
  "a runtime was started while another one of its name ran",
  "a runtime was paused for longer than its leases",
  "the gateway was killed",
  "the platform was killed",
  "the control plane was killed",
] as const;
export type Blow = (typeof blows)[number];

/** How often each is dealt, in parts of the whole. */
const weights: Record<Blow, number> = {
  "a runtime was killed, and came back under its name": 20,
  "a runtime was killed, and came back under another name": 6,
  "a runtime was started while another one of its name ran": 3,
  "a runtime was paused for longer than its leases": 3,
  "the gateway was killed": 10,
  "the platform was killed": 8,
  "the control plane was killed": 8,
};

/** All blows of a storm, in an order that is drawn: each kind comes about as often in every one. */
function drawBlows(random: Random, kinds: readonly Blow[], count: number): Blow[] {
  const whole = kinds.reduce((sum, kind) => sum + weights[kind], 0);
  const left = kinds.flatMap((kind) =>
    Array.from({ length: Math.round((weights[kind] * count) / whole) }, () => kind),
  );
  const drawn: Blow[] = [];
  while (left.length > 0) drawn.push(...left.splice(random.between(0, left.length - 1), 1));
  return drawn;
}

/**
 * Rains blows, each after so many runs and a little later, all drawn from the seed, until nothing is left to deliver.
 *
 * @returns how often each was dealt
 */
export async function playStorm(stage: Stage, random: Random, count: number): Promise<Map<Blow, number>> {
  const dealt = new Map<Blow, number>();
  const kinds = blows.filter(
    (blow) => blow !== "the control plane was killed" || stage.partsOf("control-plane").length > 0,
  );
  let names = 2;

  async function deal(blow: Blow): Promise<boolean> {
    const runtime = random.pick(stage.runtimes);
    switch (blow) {
      case "a runtime was killed, and came back under its name":
        return await killAndRestart(stage, runtime);
      case "a runtime was killed, and came back under another name":
        return await killAndRestart(stage, runtime, `droplet-${++names}`);
      case "a runtime was started while another one of its name ran": {
        // Whose first claim comes later is the newer one: it must not be overtaken by one that has only just been started.
        await until("a runtime has claimed", () => stage.hasClaimed(runtime), 30_000);
        // Nobody else is struck meanwhile: were the newer one killed before its first claim, the older one would go on.
        await endsFenced(stage, stage.replace(runtime));
        return true;
      }
      case "a runtime was paused for longer than its leases":
        runtime.program.send("SIGSTOP");
        await sleep(leaseMs + random.between(300, 1_500));
        runtime.program.send("SIGCONT");
        return true;
      case "the gateway was killed":
        return await killAndRestart(stage, stage.partsOf("gateway")[0]!);
      case "the platform was killed":
        return await killAndRestart(stage, stage.partsOf("platform")[0]!);
      case "the control plane was killed":
        return await killAndRestart(stage, stage.partsOf("control-plane")[0]!);
    }
  }

  for (const blow of drawBlows(random, kinds, count)) {
    const enough = stage.progress() + random.between(0, 8);
    const laterMs = random.between(0, 30);
    const isTime = (): boolean => stage.progress() >= enough || stage.isOver();
    await until(`the gateway has begun ${enough} runs`, isTime, 30_000);
    if (stage.isOver()) break;
    await sleep(laterMs);
    if (await deal(blow)) dealt.set(blow, (dealt.get(blow) ?? 0) + 1);
  }
  return dealt;
}

async function killAndRestart(stage: Stage, part: Part, workerId?: string): Promise<boolean> {
  const wasAlive = await stage.kill(part);
  stage.restart(part, workerId);
  return wasAlive;
}

/** The older of two processes of one name must find out by itself. */
async function endsFenced(stage: Stage, program: Part["program"]): Promise<void> {
  await until("a fenced runtime has ended", () => !program.isRunning(), 30_000);
  const { code, signal } = await program.ended;
  if (code !== fencedExitCode)
    stage.unexpected.push(`a fenced runtime ended with ${code ?? signal}: ${program.complaints()}`);
}
