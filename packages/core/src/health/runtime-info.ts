import { docsUrl } from "../error.ts";
import type { RuntimeInfo } from "../ports/admin.ts";
import type { Condition, RuntimeStatus } from "../ports/health.ts";
import type { RuntimeReport } from "../ports/runtime.ts";
import { statusOf } from "./status.ts";

/** The last report of one worker, as stored. */
export interface HeardReport {
  /** What it said. */
  report: RuntimeReport;
  /** When, in milliseconds since the epoch, by the control plane's clock. */
  receivedAt: number;
}

/** What the control plane knows of the droplet: where it is in its life while no runtime on it speaks for itself. */
export interface DropletFinding {
  /** What the admin sees. */
  status: Extract<RuntimeStatus, "provisioning" | "destroying" | "destroyed" | "error">;
  /** Why. */
  condition: Condition;
}

/** A runtime that was not heard of for this many of its intervals is offline. */
const missedReports = 3;

/**
 * How an account's runtime is, computed when somebody looks (promise 11): no timer has to have run for it to be true.
 *
 * @param reports the last report of each worker of the account
 * @param droplet what is known of its droplet; null when there is nothing to say, or nothing is provisioned here
 * @param now milliseconds since the epoch, by the control plane's clock
 */
export function runtimeInfo(
  reports: readonly HeardReport[],
  droplet: DropletFinding | null,
  now: number,
): RuntimeInfo {
  // One from the future was stored before the clock was set back: it is older than it looks.
  const isPast = ({ receivedAt }: HeardReport): boolean => receivedAt <= now;
  const last = reports.toSorted(
    (a, b) => Number(isPast(b)) - Number(isPast(a)) || b.receivedAt - a.receivedAt,
  )[0];
  const seen = {
    version: last?.report.version ?? null,
    gatewayVersion: last?.report.gatewayVersion ?? null,
    lastSeenAt: last?.receivedAt ?? null,
  };
  // A droplet on its way out does not become online again because its runtime still talks.
  if (droplet !== null && (droplet.status === "destroying" || droplet.status === "destroyed"))
    return { ...seen, status: droplet.status, conditions: [droplet.condition] };

  const live = reports.filter((heard) => isLive(heard, now));
  if (live.length > 0) {
    const conditions = live.map(({ report, receivedAt }) =>
      report.conditions.map(({ forMs, ...condition }) => ({
        ...condition,
        since: Math.max(0, receivedAt - forMs),
      })),
    );
    const worst = conditions.toSorted((a, b) => severity[statusOf(b)] - severity[statusOf(a)])[0]!;
    return { ...seen, status: statusOf(worst), conditions: worst };
  }
  if (droplet !== null) return { ...seen, status: droplet.status, conditions: [droplet.condition] };
  return { ...seen, status: "offline", conditions: [unheard(last, now)] };
}

const severity = { online: 0, degraded: 1, error: 2 } as const;

/** A report from the future was stored before the clock was set back: it tells nothing. */
function isLive({ report, receivedAt }: HeardReport, now: number): boolean {
  return (
    report.status !== "offline" && receivedAt <= now && now < receivedAt + missedReports * report.nextInMs
  );
}

function unheard(last: HeardReport | undefined, now: number): Condition {
  const about = { type: "Heard", status: "false", runbook: `${docsUrl}/runbooks/Heard` } as const;
  if (last === undefined)
    return { ...about, reason: "NeverReported", message: "No runtime has reported yet.", since: 0 };
  const { report, receivedAt } = last;
  return report.status === "offline"
    ? { ...about, reason: "Stopped", message: "The runtime was stopped, and said so.", since: receivedAt }
    : {
        ...about,
        reason: "NotHeard",
        message: `The runtime has not reported for ${Math.max(0, Math.round((now - receivedAt) / 1_000))} s; it said it would every ${Math.round(report.nextInMs / 1_000)} s.`,
        since: receivedAt,
      };
}
