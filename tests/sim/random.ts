import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** Everything that a story leaves to chance. The same seed draws the same things in the same order. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
  chance(probability: number): boolean;
  /** A whole number, both ends included. */
  between(least: number, most: number): number;
  pick<T>(items: readonly T[]): T;
  /** Another one, so that what one part draws does not change what another part is given. */
  fork(): Random;
}

export function createRandom(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  const next = (): number => uniformFloat64(generator);
  const between = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1));
  // The first numbers of seeds that are close to each other are, too.
  for (let drawn = 0; drawn < 8; drawn++) next();
  return {
    next,
    chance: (probability) => next() < probability,
    between,
    pick: (items) => items[between(0, items.length - 1)]!,
    fork: () => createRandom(between(0, 0x7fff_ffff)),
  };
}
