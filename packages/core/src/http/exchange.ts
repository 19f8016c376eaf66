import type { Clock } from "../clock.ts";
import { ControlPlaneUnreachableError } from "./errors.ts";

/**
 * Sends one request and reads its answer to the end, following no redirect.
 *
 * @throws {ControlPlaneUnreachableError} `ERR_CONTROL_PLANE_UNREACHABLE` when no whole answer came in time
 */
export async function exchange(
  { fetch, clock, timeoutMs }: { fetch: typeof globalThis.fetch; clock: Clock; timeoutMs: number },
  url: string,
  init: RequestInit,
): Promise<{ response: Response; text: string }> {
  const timeout = new AbortController();
  // Raced as well, for a fetch that does not listen to the signal.
  const timedOut = new Promise<never>((_, reject) => {
    timeout.signal.addEventListener("abort", () => reject(new Error("timeout")), { once: true });
  });
  timedOut.catch(() => {});
  const cancelTimer = clock.after(timeoutMs, () => timeout.abort());
  const read = async (): Promise<{ response: Response; text: string }> => {
    const response = await fetch(url, { ...init, redirect: "manual", signal: timeout.signal });
    return { response, text: await response.text() };
  };
  try {
    return await Promise.race([read(), timedOut]);
  } catch (error) {
    throw new ControlPlaneUnreachableError({
      reason: timeout.signal.aborted ? `no answer within ${timeoutMs} ms` : failureCode(error),
    });
  } finally {
    cancelTimer();
  }
}

/**
 * The platform's word for a failure of the network, such as `ECONNREFUSED`. Nothing else is kept of it: whoever wraps fetch
 * may quote headers and body.
 */
function failureCode(error: unknown): string {
  for (let at = error, depth = 0; typeof at === "object" && at !== null && depth < 8; depth++) {
    if ("code" in at && typeof at.code === "string" && /^[A-Z][A-Z0-9_]{2,40}$/.test(at.code)) return at.code;
    at = "cause" in at ? at.cause : null;
  }
  return "the connection failed";
}
