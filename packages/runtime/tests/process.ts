/** A runtime in a process of its own, for tests that kill it: `process.ts DATABASE TOKEN GATEWAY_URL`. */
import { createOpenClawClient } from "@lobstercontrol/openclaw-client";
import { createRuntime } from "@lobstercontrol/runtime";
import { createSqliteControlPlane } from "@lobstercontrol/sqlite";

const [path = "", token = "", baseUrl = ""] = process.argv.slice(2);
const controlPlane = createSqliteControlPlane({ path, watchMs: 10 });
const runtime = createRuntime({
  port: controlPlane.runtime(token),
  client: createOpenClawClient({ baseUrl, token: "mock-token" }),
  workerId: "droplet-1",
  concurrency: 10,
  // Longer than any test waits: what a dead process held is taken over, or a test fails.
  leaseMs: 600_000,
});
process.once("SIGTERM", () => void runtime.stop({ graceMs: 5_000 }));
runtime.start();
console.log("ready");
await runtime.finished;
controlPlane.close();
