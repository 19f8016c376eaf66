/** Virtual time: what is to happen, in order. Nothing here ever waits for the machine's clock. */
export interface Timeline {
  /** Milliseconds since the story began. */
  now(): number;
  /** @returns cancels it */
  after(delayMs: number, run: () => void): () => void;
  /** Goes to what happens next and lets everything come of it that needs no time; false when nothing is left. */
  step(): Promise<boolean>;
}

/** @param turns how many turns of the event loop it takes until nothing moves any more: one, where all is in memory */
export function createTimeline(turns = 1): Timeline {
  const waiting = new Set<{ at: number; run: () => void }>();
  let now = 0;

  return {
    now: () => now,
    after(delayMs, run) {
      const event = { at: now + Math.max(0, delayMs), run };
      waiting.add(event);
      return () => waiting.delete(event);
    },
    async step() {
      let next: { at: number; run: () => void } | null = null;
      // A set keeps the order in which things were added: of two at the same time the first goes first.
      for (const event of waiting) if (next === null || event.at < next.at) next = event;
      if (next === null) return false;
      waiting.delete(next);
      now = next.at;
      next.run();
      for (let turn = 0; turn < turns; turn++) await eventLoopTurn();
      return true;
    },
  };
}

/** Every microtask, and those that they bring, runs before this resolves. */
function eventLoopTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
