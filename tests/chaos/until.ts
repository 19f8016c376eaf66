import { vi } from "vitest";

/** Waits for something that must come to be, and says what did not. */
export const until = (
  what: string,
  isSo: () => boolean | Promise<boolean>,
  timeoutMs = 60_000,
): Promise<unknown> =>
  vi.waitUntil(isSo, { interval: 25, timeout: timeoutMs }).catch((error: unknown) => {
    throw new Error(`waited ${timeoutMs} ms in vain until ${what}`, { cause: error });
  });
