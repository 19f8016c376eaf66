import type { AccountId, AgentSlug, ThreadId } from "../ids.ts";
import type { NotificationContent } from "../notification/new-notification.ts";

/** When an agent's heartbeats come; stored with the agent. */
export interface HeartbeatSchedule {
  /** When the next one is due, in milliseconds since the epoch; null while none was planned. */
  nextAt: number | null;
  /** Names the last one, in minutes since the epoch or more; 0 for none. It only grows, whatever the clock does. */
  lastSlot: number;
}

/** The thread of all heartbeats of an agent: they are one conversation. A platform's own thread cannot have this id. */
export const heartbeatThread = "heartbeat" as ThreadId;

/** What the idempotency keys of heartbeats begin with; a platform's own cannot. */
export const heartbeatKeyPrefix = "heartbeat:";

/** What an agent is told by default. */
export const heartbeatInput =
  "This is your heartbeat. Look whether anything needs you now, and do it. If nothing does, answer HEARTBEAT_OK and nothing else.";

/**
 * The first heartbeat of an agent that comes after a time. Agents with the same interval are spread over it, always in the
 * same way: two control planes, or one before and after a restart, agree.
 *
 * @param agent the account and the agent's slug
 * @param everyMs the interval, in milliseconds
 * @param now milliseconds since the epoch
 */
export function nextHeartbeatAt(
  agent: { account: string; slug: string },
  everyMs: number,
  now: number,
): number {
  const phaseMs = spread(`${agent.account}\n${agent.slug}`) % everyMs;
  // Of a negative number, % is negative.
  return now + everyMs - ((((now - phaseMs) % everyMs) + everyMs) % everyMs);
}

/**
 * What happens to an agent's schedule at a claim.
 *
 * - nothing, when no heartbeat is due
 * - the schedule alone moves on, when the agent is busy, or was just given its interval: that heartbeat is skipped
 * - the notification of `slot` is to be stored
 *
 * @param agent its account, its slug, its interval in milliseconds, and whether it has a notification to deliver already
 * @param schedule as stored
 * @param now milliseconds since the epoch, by the control plane's clock
 * @returns the schedule to store, and the slot whose notification is to be stored; null for neither
 */
export function heartbeatAt(
  agent: { account: string; slug: string; everyMs: number; isBusy: boolean },
  schedule: HeartbeatSchedule,
  now: number,
): { schedule: HeartbeatSchedule; slot: number | null } | null {
  const { nextAt, lastSlot } = schedule;
  // A time further ahead than one interval was planned before the clock was set back.
  const isPlanned = nextAt !== null && nextAt <= now + agent.everyMs;
  if (isPlanned && nextAt > now) return null;
  const planned = { nextAt: nextHeartbeatAt(agent, agent.everyMs, now), lastSlot };
  if (!isPlanned || agent.isBusy) return { schedule: planned, slot: null };
  const slot = Math.max(Math.floor(nextAt / 60_000), lastSlot + 1);
  return { schedule: { ...planned, lastSlot: slot }, slot };
}

/**
 * The notification of a heartbeat.
 *
 * @param agent its account and slug
 * @param slot what {@link heartbeatAt} named
 * @param input what the agent is told
 */
export function heartbeatContent(
  agent: { account: AccountId; slug: AgentSlug },
  slot: number,
  input: string,
): NotificationContent {
  return {
    account: agent.account,
    agent: agent.slug,
    thread: heartbeatThread,
    input,
    instructions: null,
    idempotencyKey: `${heartbeatKeyPrefix}${agent.slug}:${slot}`,
  };
}

/** FNV-1a, 32 bits: spreads, and is the same everywhere. */
function spread(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
