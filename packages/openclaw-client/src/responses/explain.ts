import { OpenClawError } from "../errors/open-claw-error.ts";
import { RunAbortedError, RunTimeoutError } from "../errors/run.ts";
import { networkFailure } from "./network-failure.ts";
import type { Progress } from "./progress.ts";
import type { ResponseRequest } from "./request.ts";

/** What was thrown, as one of this client's errors. */
export function explain(
  caught: unknown,
  { stop, seen }: Progress,
  { timeoutMs = 0, connectTimeoutMs = 0, idleTimeoutMs = 0 }: ResponseRequest,
): OpenClawError {
  if (OpenClawError.isInstance(caught)) return caught;
  switch (stop.reason()) {
    case "timeout":
      return new RunTimeoutError({ ...seen, timeoutMs });
    case "connect":
      return new RunTimeoutError({ ...seen, timeout: "connect", timeoutMs: connectTimeoutMs });
    case "idle":
      return new RunTimeoutError({ ...seen, timeout: "idle", timeoutMs: idleTimeoutMs });
    case "aborted":
      return new RunAbortedError({ ...seen, outcome: "maybeRan" });
    case null:
      return networkFailure(caught, seen);
  }
}
