import type { Clock, ConditionType, ReportedCondition } from "@lobstercontrol/core";
import { docsUrl, scrubText } from "@lobstercontrol/core";

/** What a report may carry: the control plane refuses all of one with a longer message. */
const mostCharacters = 1_000;

/** What was found about one condition. */
export interface Finding {
  /** Whether it holds. */
  status: "true" | "false" | "unknown";
  /** One word for machines, such as `ConnectionRefused`. */
  reason: string;
  /** One sentence for people; it is scrubbed and cut here. */
  message: string;
  /** What was seen; it is scrubbed here. */
  evidence?: string;
}

/** What is known of the runtime's health: each part writes what it finds, and the report reads it. */
export interface Conditions {
  /** Stores what was found; the same status and reason again keep their `forMs`. */
  set(type: ConditionType, finding: Finding): void;
  /** What is known now. */
  list(): ReportedCondition[];
}

/**
 * The conditions of one runtime.
 *
 * @param clock measures how long each has been so
 * @param onChange called when the status or the reason of one has changed; must not throw
 */
export function createConditions(clock: Clock, onChange: () => void = () => {}): Conditions {
  const found = new Map<ConditionType, { finding: Finding; since: number }>();
  return {
    set(type, finding) {
      const before = found.get(type);
      const same = before?.finding.status === finding.status && before.finding.reason === finding.reason;
      found.set(type, { finding, since: same ? before.since : clock.now() });
      if (!same) onChange();
    },
    list: () =>
      Array.from(found, ([type, { finding, since }]) => ({
        type,
        status: finding.status,
        reason: finding.reason,
        message: scrubText(finding.message).slice(0, mostCharacters),
        ...(finding.evidence === undefined ? {} : { evidence: scrubText(finding.evidence).slice(0, 500) }),
        runbook: `${docsUrl}/runbooks/${type}`,
        forMs: Math.max(0, clock.now() - since),
      })),
  };
}
