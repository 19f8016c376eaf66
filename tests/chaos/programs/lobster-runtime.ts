/** `lobster-runtime start`, with its environment made from the settings. */
import { begin, leaseMs } from "../settings.ts";

const { token, gateway, controlPlanePort, workerId, concurrency } = begin();
Object.assign(process.env, {
  CONTROL_PLANE_URL: `http://127.0.0.1:${controlPlanePort}`,
  SERVICE_TOKEN: token,
  OPENCLAW_GATEWAY_URL: `http://127.0.0.1:${gateway.via}`,
  OPENCLAW_GATEWAY_TOKEN: gateway.token,
  // The mock has no control connection.
  OPENCLAW_CONTROL: "off",
  WORKER_ID: workerId,
  CONCURRENCY: String(concurrency),
  LEASE_MS: String(leaseMs),
  POLL_MS: "500",
  PROBE_MS: "1000",
  REPORT_MS: "1000",
  DRAIN_GRACE_MS: "10000",
  HEALTH_PORT: "0",
  LOG_LEVEL: "error",
});
process.argv.push("start");
await import("../../../packages/runtime/src/cli/main.ts");
