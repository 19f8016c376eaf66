import { runtimeInfo, type RuntimeInfo } from "@lobstercontrol/core";
import type { Tables } from "../control-plane/tables.ts";
import { Violation } from "./violation.ts";

/** How often a runtime of the simulation reports at least. */
export const reportMs = 15_000;

/** Promise 11: the status of the account's runtime is true whenever somebody looks, and whatever is wrong has a reason. */
export function truthful({ reports }: Tables, times: { elapsed: () => number; wall: () => number }) {
  /** When the last report arrived that did not say goodbye, and when the control plane's clock was last set: both by the timeline. */
  let heardAt = -Infinity;
  let clockSetAt = -Infinity;
  let seen = new Map<string, string>();
  let lastOffset = times.wall() - times.elapsed();

  const look = (): RuntimeInfo => runtimeInfo([...reports.values()], null, times.wall());

  return {
    afterStep(): void {
      const now = times.elapsed();
      const offset = times.wall() - now;
      if (offset !== lastOffset) clockSetAt = now;
      lastOffset = offset;
      for (const [worker, { report }] of reports) {
        if (seen.get(worker) === report.id) continue;
        seen.set(worker, report.id);
        if (report.status !== "offline") heardAt = now;
      }
      const { status, conditions } = look();
      const wrong = conditions.filter((each) => each.status !== "true");
      if (status !== "online" && wrong.length === 0) throw new Violation(11, `it is ${status} for no reason`);
      for (const { type, reason, message, runbook } of wrong)
        if (reason === "" || message === "" || runbook === "")
          throw new Violation(11, `${type} says neither why nor what to do`);
      if (status !== "offline" && now >= heardAt + 3 * reportMs && clockSetAt < heardAt)
        throw new Violation(11, `it is ${status}, and was not heard of for ${now - heardAt} ms`);
    },
    /** When nothing has gone wrong for a while. */
    expect(wanted: RuntimeInfo["status"], reason?: string): void {
      const { status: found, conditions } = look();
      const wrong = conditions.filter((each) => each.status !== "true");
      // Runs that fail are no fault of anybody's here, and are told.
      const isWell = wrong.every(({ type }) => type === "DeliveryHealthy");
      const status = found === "degraded" && isWell ? "online" : found;
      const told = conditions.map((each) => `${each.type} ${each.status} ${each.reason}`).join(", ");
      if (status !== wanted || (reason !== undefined && conditions[0]?.reason !== reason))
        throw new Violation(11, `it is ${status} (${told}) and should be ${wanted} ${reason ?? ""}`);
    },
  };
}
