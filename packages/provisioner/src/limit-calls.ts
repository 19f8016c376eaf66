import { DropletApiError, systemClock, type Clock, type DropletApi } from "@lobstercontrol/core";

/** How many calls a token is allowed. */
export interface CallLimits {
  /** Whose time. */
  clock?: Clock;
  /** 200 by default: DigitalOcean refuses more than 250, and a long list is more than one request. */
  perMinute?: number;
  /** 4,500 by default, of DigitalOcean's 5,000. */
  perHour?: number;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/**
 * Keeps calls within what DigitalOcean allows a token, and leaves it alone for as long as it asks for. A call that is over
 * the limit is refused at once, with `retryAfterMs`, and not sent: nothing here waits. Share one among all that use the same token.
 *
 * @param api what makes the calls
 * @param limits how many
 * @returns the same calls; each may throw `ERR_DROPLET_API` with the reason `rateLimited` and the outcome `notSent`
 *
 * @example
 * ```ts
 * import type { DropletApi } from "@lobstercontrol/core";
 * import { limitCalls } from "@lobstercontrol/provisioner";
 *
 * declare const dots: DropletApi;
 * export const api = limitCalls(dots, { perMinute: 100 });
 * ```
 */
export function limitCalls(api: DropletApi, limits: CallLimits = {}): DropletApi {
  const { clock = systemClock, perMinute = 200, perHour = 4_500 } = limits;
  /** When calls were sent, oldest first, for an hour. */
  let sent: number[] = [];
  let quietUntil = 0;

  function waitMs(now: number): number {
    // Set back, the clock would make the past a future in which everything has been used up.
    sent = sent.filter((at) => at <= now && now - at < hourMs);
    const minute = sent.filter((at) => now - at < minuteMs);
    return Math.max(
      Math.min(quietUntil - now, hourMs),
      minute.length < perMinute ? 0 : minute.at(-perMinute)! + minuteMs - now,
      sent.length < perHour ? 0 : sent.at(-perHour)! + hourMs - now,
      0,
    );
  }

  async function limited<T>(call: () => Promise<T>): Promise<T> {
    const now = clock.now();
    const retryAfterMs = waitMs(now);
    if (retryAfterMs > 0)
      throw new DropletApiError({
        outcome: "notSent",
        reason: "rateLimited",
        problem: "the calls that this token is allowed are used up for the moment",
        retryAfterMs,
      });
    sent.push(now);
    try {
      return await call();
    } catch (error) {
      if (DropletApiError.isInstance(error) && error.reason === "rateLimited")
        quietUntil = Math.max(quietUntil, clock.now() + (error.retryAfterMs ?? 0));
      throw error;
    }
  }

  return {
    listDroplets: (tag) => limited(() => api.listDroplets(tag)),
    getDroplet: (id) => limited(() => api.getDroplet(id)),
    createDroplet: (request) => limited(() => api.createDroplet(request)),
    deleteDroplet: (id) => limited(() => api.deleteDroplet(id)),
    dropletAction: (id, action) => limited(() => api.dropletAction(id, action)),
    getAction: (id) => limited(() => api.getAction(id)),
    listFirewalls: () => limited(() => api.listFirewalls()),
    createFirewall: (rules) => limited(() => api.createFirewall(rules)),
    updateFirewall: (id, rules) => limited(() => api.updateFirewall(id, rules)),
    deleteFirewall: (id) => limited(() => api.deleteFirewall(id)),
    createTag: (name) => limited(() => api.createTag(name)),
    deleteTag: (name) => limited(() => api.deleteTag(name)),
    listSshKeys: () => limited(() => api.listSshKeys()),
    listSizes: () => limited(() => api.listSizes()),
    listRegions: () => limited(() => api.listRegions()),
    getAccount: () => limited(() => api.getAccount()),
  };
}
