import type { Clock } from "@lobstercontrol/core";

/** Why work was ended from outside. */
type StopReason = "timeout" | "connect" | "idle" | "aborted";

/** Ends work from outside: when its time is up, when nothing comes any more, or when the caller says so. */
export interface Stop {
  /** Aborts on any of them. */
  signal: AbortSignal;
  /** Which of them it was; null while none. */
  reason(): StopReason | null;
  /** Ends the work now. */
  end(reason: StopReason): void;
  /** What `work` gives, or a rejection when the stop comes first, even if `work` does not listen to the signal. */
  race<T>(work: Promise<T>): Promise<T>;
  /** Lets go of timer and listeners. */
  release(): void;
}

export function createStop(
  clock: Clock,
  timeoutMs: number,
  ...outers: readonly (AbortSignal | undefined)[]
): Stop {
  const controller = new AbortController();
  let reason: StopReason | null = null;
  const end = (why: StopReason): void => {
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
  for (const outer of outers) outer?.addEventListener("abort", onAbort, { once: true });
  if (outers.some((outer) => outer?.aborted === true)) onAbort();

  return {
    signal: controller.signal,
    reason: () => reason,
    end,
    race: (work) => Promise.race([work, stopped]),
    release() {
      cancelTimer();
      for (const outer of outers) outer?.removeEventListener("abort", onAbort);
    },
  };
}
