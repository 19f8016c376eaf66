import type { Clock } from "@lobstercontrol/core";

/** Ends work from outside: when its time is up, or when the caller says so. */
export interface Stop {
  /** Aborts on either. */
  signal: AbortSignal;
  /** Which of the two it was; null while neither. */
  reason(): "timeout" | "aborted" | null;
  /** What `work` gives, or a rejection when the stop comes first, even if `work` does not listen to the signal. */
  race<T>(work: Promise<T>): Promise<T>;
  /** Lets go of timer and listener. */
  release(): void;
}

export function createStop(clock: Clock, timeoutMs: number, outer: AbortSignal | undefined): Stop {
  const controller = new AbortController();
  let reason: "timeout" | "aborted" | null = null;
  const end = (why: "timeout" | "aborted"): void => {
    reason ??= why;
    controller.abort();
  };
  const stopped = new Promise<never>((_, reject) => {
    controller.signal.addEventListener("abort", () => reject(new Error("stopped")), { once: true });
  });
  // It rejects with nobody listening when the stop comes between two races.
  stopped.catch(() => {});

  const onAbort = (): void => end("aborted");
  const cancelTimer = clock.after(timeoutMs, () => end("timeout"));
  outer?.addEventListener("abort", onAbort, { once: true });
  if (outer?.aborted === true) onAbort();

  return {
    signal: controller.signal,
    reason: () => reason,
    race: (work) => Promise.race([work, stopped]),
    release() {
      cancelTimer();
      outer?.removeEventListener("abort", onAbort);
    },
  };
}
