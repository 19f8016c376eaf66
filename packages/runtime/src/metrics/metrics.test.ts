import { LeaseLostError, newNotificationId, type Claim } from "@lobstercontrol/core";
import { expect, it } from "vitest";
import type { RuntimeHealth } from "../health/snapshot.ts";
import { createMetrics } from "./metrics.ts";

const health: RuntimeHealth = {
  status: "degraded",
  conditions: [
    { type: "KeysActive", status: "false", reason: "R", message: "M", runbook: "U", forMs: 1 },
    { type: "GatewayReachable", status: "true", reason: "R", message: "M", runbook: "U", forMs: 1 },
  ],
  version: "1.2.3",
  gatewayVersion: null,
  running: 4,
  rosterRevision: 7,
  keysGeneration: 9,
  uptimeMs: 3,
};

// Nothing here reads the claim: no id of anything may become a label.
const claim = {} as Claim;

it("counts what happens, and shows how the runtime is", async () => {
  const metrics = createMetrics(() => health);
  const reply = { kind: "reply", text: "hello", responseId: null } as const;
  metrics.onEvent({ type: "delivered", claim, outcome: reply, message: "posted", tookMs: 1_500 });
  const reason = { code: "ERR_RUN_FAILED", message: "of somebody" };
  const failure = { outcome: "ran", reason, retryable: true, countsAttempt: true } as const;
  metrics.onEvent({ type: "failed", claim, failure, gatewayType: null, next: "dead" });
  metrics.onEvent({ type: "released", claim });
  metrics.onEvent({
    type: "dropped",
    claim,
    error: new LeaseLostError({ notification: newNotificationId(0) }),
  });
  metrics.onEvent({ type: "resolved", claim, verdict: "notRun" });
  metrics.onReport("failed");

  const { text, type } = await metrics.render();
  expect(type).toContain("text/plain");
  for (const line of [
    'lobster_deliveries_total{outcome="reply"} 1',
    'lobster_failures_total{code="ERR_RUN_FAILED",next="dead"} 1',
    'lobster_handed_back_total{how="released"} 1',
    'lobster_handed_back_total{how="ERR_LEASE_LOST"} 1',
    'lobster_verdicts_total{verdict="notRun"} 1',
    'lobster_delivery_seconds_bucket{le="1"} 0',
    'lobster_delivery_seconds_bucket{le="2.5"} 1',
    'lobster_reports_total{result="failed"} 1',
    'lobster_runtime_info{version="1.2.3",gateway_version=""} 1',
    "lobster_running 4",
    'lobster_condition{type="KeysActive",status="false"} 1',
    'lobster_condition{type="KeysActive",status="true"} 0',
    'lobster_status{status="degraded"} 1',
    'lobster_status{status="online"} 0',
    'lobster_proven{what="roster"} 7',
    'lobster_proven{what="keys"} 9',
  ])
    expect(text.split("\n")).toContain(line);
  expect(text).toContain("process_resident_memory_bytes");
  expect(text).not.toContain("of somebody");
});

it("two runtimes in one process have numbers of their own", async () => {
  const [one, other] = [createMetrics(() => health), createMetrics(() => health)];
  one.onReport("answered");
  expect((await one.render()).text).toContain('lobster_reports_total{result="answered"} 1');
  expect((await other.render()).text).not.toContain('lobster_reports_total{result="answered"}');
});
