/** A runtime that is killed while it delivers: `held.ts JSON`. */
import { createOpenClawClient } from "@lobstercontrol/openclaw-client";
import { createRuntime } from "@lobstercontrol/runtime";
import { createSqliteControlPlane } from "@lobstercontrol/sqlite";

/** What it is told. */
export interface HeldParameters {
  path: string;
  serviceToken: string;
  gateway: string;
  leaseMs: number;
}

const { path, serviceToken, gateway, leaseMs } = JSON.parse(process.argv[2] ?? "") as HeldParameters;
createRuntime({
  port: createSqliteControlPlane({ path }).runtime(serviceToken),
  client: createOpenClawClient({ baseUrl: gateway, token: "bench-token" }),
  workerId: "w1",
  leaseMs,
}).start();
