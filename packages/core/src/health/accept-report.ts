import type { RuntimeReport } from "../ports/runtime.ts";

/** How long a directive that no report has ended is handed out, in milliseconds: a restart asked for last week is not wanted now. */
export const directiveLifeMs = 24 * 60 * 60_000;

/**
 * Whether a report is newer than the stored one of the same worker. An older one that arrives late, or the same again,
 * changes nothing.
 *
 * @param report what came
 * @param stored the last report of that worker; null for none
 */
export function isNewer(report: RuntimeReport, stored: RuntimeReport | null): boolean {
  return stored === null || stored.incarnation !== report.incarnation || report.sequence > stored.sequence;
}

/**
 * How far the account's keys generations have come with a report (promise 9): never further than what is stored, never
 * back for what a run has confirmed, and nothing is confirmed that is not active.
 *
 * @param stored the generations as they are
 * @param report what a runtime proves
 */
export function keysGenerations(
  stored: { stored: number; confirmed: number },
  report: Pick<RuntimeReport, "keysGeneration" | "keysConfirmed">,
): { active: number; confirmed: number } {
  const active = Math.min(report.keysGeneration, stored.stored);
  return { active, confirmed: Math.max(stored.confirmed, Math.min(report.keysConfirmed, active)) };
}
