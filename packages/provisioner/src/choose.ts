import { InvalidInputError, type DropletSize, type DropletSpec } from "@lobstercontrol/core";

/** OpenClaw takes two thirds of a GiB when it has nothing to do: less than 2 GiB does not end well. */
const leastMemoryMib = 2_048;

/** Where, and which size; null for the cheapest that suits. */
export interface Choice {
  region: string;
  size: string | null;
}

/** What a spec allows, in order of preference: at least one. */
export function choicesOf({ region, size, fallbacks }: DropletSpec): [Choice, ...Choice[]] {
  return [
    { region, size },
    ...fallbacks.map((other) => ({ region: other.region ?? region, size: other.size ?? size })),
  ];
}

/** The choice whose turn it is. */
export function choiceAt(spec: DropletSpec, turn: number): Choice {
  const choices = choicesOf(spec);
  return choices[turn % choices.length]!;
}

/** The size of a choice, by DigitalOcean's list; null when there is none now. */
export function sizeFor({ region, size }: Choice, sizes: readonly DropletSize[]): DropletSize | null {
  const there = sizes.filter(({ available, regions }) => available && regions.includes(region));
  if (size !== null) return there.find(({ slug }) => slug === size) ?? null;
  const [cheapest] = there
    .filter(({ memoryMib }) => memoryMib >= leastMemoryMib)
    .toSorted(
      (a, b) => a.priceMonthly - b.priceMonthly || a.memoryMib - b.memoryMib || (a.slug < b.slug ? -1 : 1),
    );
  return cheapest ?? null;
}

/** What is wrong with a choice that there is no size for. */
export function noSizeFor({ region, size }: Choice): InvalidInputError {
  return size === null
    ? new InvalidInputError({ field: "spec.region", problem: `${region} has no size with 2 GiB` })
    : new InvalidInputError({ field: "spec.size", problem: `is not to be had in ${region}` });
}
