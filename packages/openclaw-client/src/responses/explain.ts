import { OpenClawError } from "../errors/open-claw-error.ts";
import { RunAbortedError, RunTimeoutError } from "../errors/run.ts";
import { networkFailure } from "./network-failure.ts";
import { detailsOf, type Progress } from "./progress.ts";
import type { ResponseRequest } from "./request.ts";

/** What was thrown, as one of this client's errors. */
export function explain(
  caught: unknown,
  progress: Progress,
  { timeoutMs = 0, connectTimeoutMs = 0, idleTimeoutMs = 0 }: ResponseRequest,
): OpenClawError {
  if (OpenClawError.isInstance(caught)) return caught;
  const details = detailsOf(progress);
  switch (progress.stop.reason()) {
    case "timeout":
      return new RunTimeoutError({ ...details, timeoutMs });
    case "connect":
      return new RunTimeoutError({ ...details, timeout: "connect", timeoutMs: connectTimeoutMs });
    case "idle":
      return new RunTimeoutError({ ...details, timeout: "idle", timeoutMs: idleTimeoutMs });
    case "aborted":
      return new RunAbortedError({ ...details, outcome: "maybeRan" });
    case null:
      return networkFailure(caught, details);
  }
}
