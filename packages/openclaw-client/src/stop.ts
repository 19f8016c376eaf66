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
  /** Calls `run` when the work is ended, at once if it is already. A listener of the signal would cost far more. */
  onEnd(run: () => void): void;
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
  const listeners: (() => void)[] = [];
  let reason: StopReason | null = null;
  const end = (why: StopReason): void => {
    if (reason !== null) return;
    reason = why;
    // Whoever should end the work may never come back to release it, as the reader of a stream.
    release();
    controller.abort();
    for (const run of listeners) run();
  };
  const onEnd = (run: () => void): void => {
    if (reason === null) listeners.push(run);
    else run();
  };

  const onAbort = (): void => end("aborted");
  let cancelTimer = (): void => {};
  const release = (): void => {
    cancelTimer();
    for (const outer of outers) outer?.removeEventListener("abort", onAbort);
  };
  cancelTimer = clock.after(timeoutMs, () => end("timeout"));
  for (const outer of outers) {
    outer?.addEventListener("abort", onAbort, { once: true });
    if (outer?.aborted === true) onAbort();
  }
  // It ended before all of them were there.
  if (controller.signal.aborted) release();

  return {
    signal: controller.signal,
    reason: () => reason,
    end,
    onEnd,
    race: (work) =>
      new Promise((resolve, reject) => {
        onEnd(() => reject(new Error("stopped")));
        work.then(resolve, reject);
      }),
    release,
  };
}
