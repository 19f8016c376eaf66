import type { TelemetryHooks } from "./types.ts";

/** The hooks that there are. What one throws, or rejects with, is its own affair: a run must not end because of it. */
export function safeHooks({ onRequest, onResponse, onEvent }: TelemetryHooks): TelemetryHooks {
  return {
    ...(onRequest && { onRequest: safe(onRequest) }),
    ...(onResponse && { onResponse: safe(onResponse) }),
    ...(onEvent && { onEvent: safe(onEvent) }),
  };
}

const safe =
  <Info>(hook: (info: Info) => unknown) =>
  (info: Info): void => {
    try {
      const result = hook(info);
      if (result instanceof Promise) result.catch(() => {});
    } catch {
      // See above.
    }
  };
