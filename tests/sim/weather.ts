import type { Ending } from "./gateway/session.ts";
import type { Random } from "./random.ts";

/** What becomes of a call on its way. */
export const fates = [
  "refused",
  "answer lost",
  "late request",
  "late answer",
  "hangs",
  "hangs, and arrives",
  "hangs, and arrives afterwards",
  "twice",
] as const;
export type Fate = (typeof fates)[number] | "well";

/** What becomes of the connection of a run. */
export const cuts = [
  "refused",
  "cut before it arrives",
  "cut",
  "half open",
  "answer cut",
  "answered with a 500",
] as const;
type Cut = (typeof cuts)[number] | "well";

const endings = ["noReply", "heartbeatOk", "empty", "truncated", "withheld", "failed"] as const;

/** What goes wrong of itself, by which a seed has its character: some kinds not at all, some often. */
export interface Weather {
  fate(): Fate;
  cut(): Cut;
  ending(): Ending["kind"];
  /** Whether a model takes long: longer, it may be, than anybody waits. */
  isSlow(): boolean;
  /** From here on nothing goes wrong any more. */
  clearUp(): void;
}

export function createWeather(random: Random): Weather {
  const some = <T>(kinds: readonly T[]): T[] => kinds.filter(() => random.chance(0.5));
  const rate = (): number => random.pick([0, 0.02, 0.05, 0.1, 0.25]);
  const seen = { fates: some(fates), cuts: some(cuts), endings: some(endings) };
  const rates = { fates: rate(), cuts: rate() * 2, endings: rate() * 2 };
  let clear = false;

  const draw = <T, F>(kinds: readonly T[], probability: number, otherwise: F): T | F =>
    clear || kinds.length === 0 || !random.chance(probability) ? otherwise : random.pick(kinds);
  return {
    fate: () => draw(seen.fates, rates.fates, "well"),
    cut: () => draw(seen.cuts, rates.cuts, "well"),
    ending: () => draw(seen.endings, rates.endings, "reply"),
    isSlow: () => !clear && random.chance(0.2),
    clearUp: () => void (clear = true),
  };
}
