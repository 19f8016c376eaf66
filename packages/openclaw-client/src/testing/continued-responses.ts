import type { Clock } from "@lobstercontrol/core";

const keptMs = 30 * 60_000;
const keptEntries = 500;

/** Who may continue a response: whoever shows the same token, agent and session key header. */
export interface ContinuedBy {
  bearer: string | undefined;
  agent: string;
  sessionKeyHeader: string | null;
}

/** The sessions of past responses, for `previous_response_id`. */
export interface ContinuedResponses {
  remember(responseId: string, sessionKey: string, by: ContinuedBy): void;
  /** The session; null for a response that is unknown, too old, or somebody else's. */
  find(responseId: string | undefined, by: ContinuedBy): string | null;
}

export function createContinuedResponses(clock: Clock): ContinuedResponses {
  const entries = new Map<string, ContinuedBy & { sessionKey: string; at: number }>();
  return {
    remember(responseId, sessionKey, by) {
      entries.set(responseId, { ...by, sessionKey, at: clock.now() });
      const [oldest] = entries.keys();
      if (entries.size > keptEntries && oldest !== undefined) entries.delete(oldest);
    },
    find(responseId, by) {
      const entry = entries.get(responseId ?? "");
      if (entry === undefined || clock.now() - entry.at > keptMs) return null;
      const isTheirs =
        entry.bearer === by.bearer &&
        entry.agent === by.agent &&
        entry.sessionKeyHeader === by.sessionKeyHeader;
      return isTheirs ? entry.sessionKey : null;
    },
  };
}
