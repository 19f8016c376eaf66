import { deferred } from "./deferred.ts";

/** Lets the runs of one session happen one after another, in the order of their arrival. */
export interface Turns {
  /** Whether a run of the session is waiting or under way. */
  busy(sessionKey: string): boolean;
  /** Joins the queue. `ready` resolves when it is this run's turn; `leave` lets the next one go. */
  join(sessionKey: string): { ready: Promise<void>; leave: () => void };
}

export function createTurns(): Turns {
  const tails = new Map<string, Promise<void>>();
  return {
    busy: (sessionKey) => tails.has(sessionKey),
    join(sessionKey) {
      const ready = tails.get(sessionKey) ?? Promise.resolve();
      const { promise: left, resolve: leave } = deferred();
      const tail = ready.then(() => left);
      tails.set(sessionKey, tail);
      // Not on leaving: whoever leaves the queue early leaves others before it.
      void tail.then(() => {
        if (tails.get(sessionKey) === tail) tails.delete(sessionKey);
      });
      return { ready, leave };
    },
  };
}
