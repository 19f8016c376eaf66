import { ControlPlaneAnswerError } from "./errors.ts";
import { reviveError, wireError } from "./revive-error.ts";

/**
 * What an answer says.
 *
 * @throws {LobsterError} what the control plane threw
 * @throws {ControlPlaneAnswerError} `ERR_CONTROL_PLANE_ANSWER` when this is no answer of a control plane
 */
export function readAnswer({ status, type, ok }: Response, text: string): unknown {
  if (type === "opaqueredirect" || (status >= 300 && status < 400))
    // What stands before a control plane does that for a while, too.
    throw new ControlPlaneAnswerError({
      problem: "redirects to another place, where no token is sent",
      retryable: true,
    });
  const answer = jsonOf(text);
  if (ok && "result" in answer) return answer["result"];
  const error = wireError.safeParse(answer["error"]);
  if (error.success) throw reviveError(error.data);
  // A proxy whose control plane is away says so in many ways: with 502, but also with 404.
  throw new ControlPlaneAnswerError({ problem: `is no control plane (status ${status})`, retryable: true });
}

function jsonOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
