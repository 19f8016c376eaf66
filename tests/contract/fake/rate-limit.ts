import type { Clock } from "@lobstercontrol/core";
import { refuse, type Answer } from "./answer.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** Of SSH keys, in a minute. */
const keysPerMinute = 10;

/** DigitalOcean's limits on the requests of a token. */
export interface RateLimit {
  /** Counts a request. */
  take(operation: string | null): { headers: Record<string, string>; refused: Answer | null };
}

export function createRateLimit(
  clock: Clock,
  { perHour, perMinute }: { perHour: number; perMinute: number },
): RateLimit {
  const sent: { at: number; operation: string | null }[] = [];
  const within = (ms: number, operation?: string) =>
    sent.filter(
      (one) => one.at > clock.now() - ms && (operation === undefined || one.operation === operation),
    );

  return {
    take(operation) {
      const burst =
        within(minuteMs).length >= perMinute ||
        (operation === "sshKeys_list" && within(minuteMs, operation).length >= keysPerMinute);
      const hourly = within(hourMs).length >= perHour;
      if (!burst && !hourly) sent.push({ at: clock.now(), operation });
      const hour = within(hourMs);
      const resetAt = (hour[0]?.at ?? clock.now()) + hourMs;
      return {
        headers: {
          "ratelimit-limit": String(perHour),
          "ratelimit-remaining": String(perHour - hour.length),
          "ratelimit-reset": String(Math.ceil(resetAt / 1_000)),
          // Only a burst is told how long to wait.
          ...(burst ? { "retry-after": "60" } : {}),
        },
        refused: burst || hourly ? refuse(429, "Too many requests") : null,
      };
    },
  };
}
