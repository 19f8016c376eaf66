import { LobsterError } from "@lobstercontrol/core";
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { RuntimeEvent } from "../events.ts";
import type { RuntimeHealth } from "../health/snapshot.ts";

/** The numbers of one runtime. */
export interface Metrics {
  /** Is told each event of the loop. */
  onEvent(event: RuntimeEvent): void;
  /** Is told how each report went. */
  onReport(result: "answered" | "failed"): void;
  /** The text that Prometheus reads, and its type. */
  render(): Promise<{ type: string; text: string }>;
}

/** Runs take from a moment to minutes. */
const secondsBuckets = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];
const statuses = ["true", "false", "unknown"] as const;

/**
 * Counts what happens, in a registry of its own. Labels are words of this project and codes, never an id or what anybody
 * wrote.
 *
 * @param health read when Prometheus asks
 */
export function createMetrics(health: () => RuntimeHealth): Metrics {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  collectDefaultMetrics({ register: registry });

  const deliveries = new Counter({
    name: "lobster_deliveries_total",
    help: "Notifications that were delivered, by how the run ended.",
    labelNames: ["outcome"],
    registers,
  });
  const failures = new Counter({
    name: "lobster_failures_total",
    help: "Attempts that failed, by code and by what comes next.",
    labelNames: ["code", "next"],
    registers,
  });
  const handedBack = new Counter({
    name: "lobster_handed_back_total",
    help: "Notifications that were claimed and neither delivered nor failed: released or dropped.",
    labelNames: ["how"],
    registers,
  });
  const verdicts = new Counter({
    name: "lobster_verdicts_total",
    help: "What sessions told of attempts that nobody saw end.",
    labelNames: ["verdict"],
    registers,
  });
  const seconds = new Histogram({
    name: "lobster_delivery_seconds",
    help: "How long a delivery took, from the send to the control plane's word.",
    buckets: secondsBuckets,
    registers,
  });
  const reports = new Counter({
    name: "lobster_reports_total",
    help: "Reports to the control plane.",
    labelNames: ["result"],
    registers,
  });
  const info = new Gauge({
    name: "lobster_runtime_info",
    help: "The versions; always 1.",
    labelNames: ["version", "gateway_version"],
    registers,
  });
  const running = new Gauge({ name: "lobster_running", help: "Deliveries under way.", registers });
  const condition = new Gauge({
    name: "lobster_condition",
    help: "1 for the status that a condition has, 0 for the others.",
    labelNames: ["type", "status"],
    registers,
  });
  const status = new Gauge({
    name: "lobster_status",
    help: "1 for the status that the runtime has, 0 for the others.",
    labelNames: ["status"],
    registers,
  });
  const proven = new Gauge({
    name: "lobster_proven",
    help: "What the gateway is proven to have: the roster's revision, the keys generation.",
    labelNames: ["what"],
    registers,
  });

  function read(): void {
    const now = health();
    info.reset();
    info.set({ version: now.version, gateway_version: now.gatewayVersion ?? "" }, 1);
    running.set(now.running);
    for (const { type, status: found } of now.conditions)
      for (const word of statuses) condition.set({ type, status: word }, word === found ? 1 : 0);
    for (const word of ["online", "degraded", "error", "offline"])
      status.set({ status: word }, word === now.status ? 1 : 0);
    proven.set({ what: "roster" }, now.rosterRevision);
    proven.set({ what: "keys" }, now.keysGeneration);
  }

  return {
    onEvent(event) {
      if (event.type === "delivered") {
        deliveries.inc({ outcome: event.outcome.kind });
        seconds.observe(event.tookMs / 1_000);
      }
      if (event.type === "failed") failures.inc({ code: event.failure.reason.code, next: event.next });
      if (event.type === "released") handedBack.inc({ how: "released" });
      if (event.type === "resolved") verdicts.inc({ verdict: event.verdict });
      if (event.type === "dropped")
        handedBack.inc({ how: LobsterError.isInstance(event.error) ? event.error.code : "dropped" });
    },
    onReport: (result) => reports.inc({ result }),
    async render() {
      read();
      return { type: registry.contentType, text: await registry.metrics() };
    },
  };
}
