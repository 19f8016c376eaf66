import type { Timeline } from "./timeline.ts";

/** What happens in one seed, line by line, and how often each kind of thing did. */
export interface Story {
  tell(who: string, what: string): void;
  count(kind: string): void;
  lines: readonly string[];
  counts: ReadonlyMap<string, number>;
}

export function createStory(timeline: Timeline): Story {
  const lines: string[] = [];
  const counts = new Map<string, number>();
  return {
    lines,
    counts,
    tell(who, what) {
      lines.push(`${(timeline.now() / 1_000).toFixed(3).padStart(9)} s  ${who.padEnd(13)} ${what}`);
    },
    count: (kind) => void counts.set(kind, (counts.get(kind) ?? 0) + 1),
  };
}
