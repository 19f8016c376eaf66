import type { Clock } from "@lobstercontrol/core";
import type { Stop } from "./stop.ts";

/** Ends work when no byte comes for too long, as long as somebody waits for one. */
export interface Idle {
  /** A byte came. */
  alive(): void;
  /** What `work` gives. The silence is measured only while it is waited for: a slow reader is not a silent gateway. */
  during<T>(work: Promise<T>): Promise<T>;
}

export function createIdle(clock: Clock, idleTimeoutMs: number | undefined, stop: Stop): Idle {
  if (idleTimeoutMs === undefined) return { alive() {}, during: (work) => work };
  let cancel: (() => void) | null = null;
  const arm = (): void => {
    cancel?.();
    cancel = clock.after(idleTimeoutMs, () => stop.end("idle"));
  };
  return {
    alive() {
      if (cancel !== null) arm();
    },
    async during(work) {
      arm();
      try {
        return await work;
      } finally {
        cancel?.();
        cancel = null;
      }
    },
  };
}
