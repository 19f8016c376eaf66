import { LobsterError, type Clock, type RuntimePort } from "@lobstercontrol/core";
import type { Conditions } from "./conditions.ts";

/**
 * The port as the loop uses it, watched: each answer, each failure and each silence says whether the control plane is there.
 *
 * @param options `silenceMs`: so long without an answer to a call is as good as none; `onWork`: told of wake-ups too;
 *   `signal`: nothing is watched any more
 */
export function observePort(options: {
  port: RuntimePort;
  conditions: Conditions;
  clock: Clock;
  silenceMs: number;
  onWork: () => void;
  signal: AbortSignal;
}): RuntimePort {
  const { port, conditions, clock, silenceMs, onWork, signal } = options;
  const waiting = new Set<() => void>();
  // A call may never be answered, and then its timer would outlive the runtime.
  signal.addEventListener(
    "abort",
    () => {
      for (const cancel of waiting) cancel();
    },
    { once: true },
  );

  async function watched<T>(call: () => Promise<T>): Promise<T> {
    if (signal.aborted) return await call();
    const cancel = clock.after(silenceMs, () =>
      controlPlaneFailed(conditions, "NoAnswer", `The control plane has not answered for ${silenceMs} ms.`),
    );
    waiting.add(cancel);
    try {
      const answer = await call();
      controlPlaneAnswered(conditions);
      return answer;
    } catch (error) {
      noteFailure(conditions, error);
      throw error;
    } finally {
      cancel();
      waiting.delete(cancel);
    }
  }

  return {
    ...port,
    // Polled by the loop even when there is nothing to do: the others would add nothing.
    claim: (request) => watched(() => port.claim(request)),
    report: (report) => watched(() => port.report(report)),
    ...(port.watch === undefined
      ? {}
      : {
          watch: (onWake, until) =>
            port.watch?.(() => {
              onWork();
              onWake();
            }, until),
        }),
  };
}

function controlPlaneAnswered(conditions: Conditions): void {
  conditions.set("ControlPlaneReachable", {
    status: "true",
    reason: "Answers",
    message: "The control plane answers.",
  });
}

function controlPlaneFailed(conditions: Conditions, reason: string, message: string): void {
  conditions.set("ControlPlaneReachable", { status: "false", reason, message });
}

/** What a call's error says about the control plane. */
export function noteFailure(conditions: Conditions, error: unknown): void {
  if (!LobsterError.isInstance(error))
    return controlPlaneFailed(conditions, "Failed", "The control plane failed unexpectedly.");
  if (error.code === "ERR_UNAUTHORIZED") return controlPlaneFailed(conditions, "TokenRefused", error.message);
  if (error.code === "ERR_WORKER_FENCED") return controlPlaneFailed(conditions, "Fenced", error.message);
  controlPlaneFailed(conditions, error.retryable ? "NoAnswer" : "Refused", error.message);
}
