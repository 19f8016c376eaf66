import type { TelemetryHooks } from "./types.ts";

/** Calls the hooks. What a hook throws, or rejects with, is its own affair: a run must not end because of it. */
export function safeHooks(hooks: TelemetryHooks): Required<TelemetryHooks> {
  const safe =
    <Info>(hook: ((info: Info) => unknown) | undefined) =>
    (info: Info): void => {
      try {
        const result = hook?.(info);
        if (result instanceof Promise) result.catch(() => {});
      } catch {
        // See above.
      }
    };
  return {
    onRequest: safe(hooks.onRequest),
    onResponse: safe(hooks.onResponse),
    onEvent: safe(hooks.onEvent),
  };
}
