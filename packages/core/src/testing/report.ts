import type { RuntimeReport } from "../ports/runtime.ts";

let reports = 0;

/**
 * A report of a runtime that is well, for tests.
 *
 * @param over what it says differently
 */
export function reportOf(over: Partial<RuntimeReport> = {}): RuntimeReport {
  reports += 1;
  return {
    id: `report-${reports}`,
    sequence: reports,
    workerId: "w1",
    incarnation: "i1",
    version: "1.0.0",
    gatewayVersion: null,
    status: "online",
    conditions: [],
    rosterRevision: 0,
    keysGeneration: 0,
    keysConfirmed: 0,
    nextInMs: 15_000,
    ended: [],
    ...over,
  };
}
