import { ControlPlaneUnreachableError } from "@lobstercontrol/core/http";

/** What Convex answers with when a function threw. */
const functionFailed = 560;

/**
 * A `fetch` for Convex's client that ends in time, and whose failures are ours: nothing answered, or not the function.
 *
 * @param fetch sends
 * @param timeoutMs how long a call may take
 */
export function inTime(fetch: typeof globalThis.fetch, timeoutMs: number): typeof globalThis.fetch {
  return async (input, init) => {
    const response = await answered(fetch, input, { ...init, signal: AbortSignal.timeout(timeoutMs) });
    if (response.status >= 500 && response.status !== functionFailed)
      throw new ControlPlaneUnreachableError({ reason: `HTTP ${response.status}` });
    return response;
  };
}

async function answered(
  fetch: typeof globalThis.fetch,
  input: Parameters<typeof globalThis.fetch>[0],
  init: RequestInit,
): Promise<Response> {
  try {
    return await fetch(input, init);
  } catch (error) {
    throw new ControlPlaneUnreachableError({ reason: reasonOf(error) });
  }
}

/** The code of the system where there is one; never the words, which may hold the request. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const { cause } = error;
  return typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : error.name;
}
