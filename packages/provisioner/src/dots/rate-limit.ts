import type { Clock } from "@lobstercontrol/core";

const windowMs = 60_000;
const longestWaitMs = 60 * 60_000;

/** What DigitalOcean takes of one token in a minute is 250; another program may use the same token. */
const perMinute = 240;
/** SSH keys have a limit of their own. */
const keysPerMinute = 10;

/** Keeps the calls of one token below what DigitalOcean takes, and stops when it says so. */
export interface RateLimit {
  /**
   * Takes leave for one request.
   *
   * @returns null when it may be sent now; else in how many milliseconds
   */
  take(call: string): number | null;
  /**
   * Reads what an answer says about it.
   *
   * @returns DigitalOcean's wish in milliseconds, when it refused for it; else null
   */
  observe(status: number, headers: Headers): number | null;
}

export function createRateLimit(clock: Clock): RateLimit {
  const all = createWindow(clock, perMinute);
  const keys = createWindow(clock, keysPerMinute);
  let blockedUntil = 0;

  return {
    take(call) {
      const now = clock.now();
      // A wait that is longer than any that is ever asked for is a clock that was set back.
      const blockedMs = blockedUntil - now > longestWaitMs ? 0 : blockedUntil - now;
      const windows = call === "listSshKeys" ? [all, keys] : [all];
      const waitMs = Math.max(blockedMs, ...windows.map((window) => window.waitMs()));
      if (waitMs > 0) return waitMs;
      for (const window of windows) window.add();
      return null;
    },
    observe(status, headers) {
      const refused = status === 429;
      if (!refused && headers.get("ratelimit-remaining") !== "0") return null;
      const waitMs = retryAfterMs(headers, clock.now()) ?? resetMs(headers, clock.now());
      if (waitMs === null) return null;
      const boundedMs = Math.min(Math.max(waitMs, 0), longestWaitMs);
      blockedUntil = clock.now() + boundedMs;
      return refused ? boundedMs : null;
    },
  };
}

function createWindow(clock: Clock, limit: number): { add: () => void; waitMs: () => number } {
  let sentAt: number[] = [];
  return {
    add: () => void sentAt.push(clock.now()),
    waitMs() {
      const now = clock.now();
      // One from the future is from before the clock was set back.
      sentAt = sentAt.filter((at) => at <= now && now - at < windowMs);
      const [oldest] = sentAt;
      return oldest === undefined || sentAt.length < limit ? 0 : oldest + windowMs - now;
    },
  };
}

/** Seconds, or a date. */
function retryAfterMs(headers: Headers, now: number): number | null {
  const value = headers.get("retry-after")?.trim() ?? "";
  if (value === "") return null;
  const ms = /^\d{1,9}$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - now;
  return Number.isNaN(ms) ? null : ms;
}

/** When the oldest request is forgotten: seconds since the epoch. */
function resetMs(headers: Headers, now: number): number | null {
  const value = headers.get("ratelimit-reset")?.trim() ?? "";
  return /^\d{1,12}$/.test(value) ? Number(value) * 1_000 - now : null;
}
