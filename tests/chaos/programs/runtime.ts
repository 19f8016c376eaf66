/**
 * A runtime, on the SQLite file or over HTTP. It is ready when its first claim was answered, and it notes each `complete`
 * that was, with the lease that it had.
 */
import type { DeliveryPort } from "@lobstercontrol/core";
import { createRuntimeClient } from "@lobstercontrol/core/http";
import { createOpenClawClient } from "@lobstercontrol/openclaw-client";
import { createGatewayControl } from "@lobstercontrol/openclaw-client/control";
import { createRuntime } from "@lobstercontrol/runtime";
import { createSqliteControlPlane } from "@lobstercontrol/sqlite";
import { begin, inFolder, leaseMs, rules } from "../settings.ts";

const { folder, token, gateway, controlPlanePort, workerId, concurrency, ...settings } = begin();
const { database, completes, resolved } = inFolder(folder);
const baseUrl = `http://127.0.0.1:${gateway.via}`;

const controlPlane =
  controlPlanePort === null ? createSqliteControlPlane({ path: database, ...rules }) : null;
const port: DeliveryPort =
  controlPlane?.runtime(token) ??
  createRuntimeClient({
    url: `http://127.0.0.1:${controlPlanePort}`,
    serviceToken: token,
    timeoutMs: 2_000,
  });

let isReady = false;
const runtime = createRuntime({
  port: {
    ...port,
    async claim(request) {
      const claims = await port.claim(request);
      if (!isReady) console.log("ready");
      isReady = true;
      return claims;
    },
    async complete(lease, outcome) {
      const answer = await port.complete(lease, outcome);
      completes.write({ notification: lease.notification, lease: lease.id, ...answer });
      return answer;
    },
  },
  client: createOpenClawClient({ baseUrl, token: gateway.token }),
  ...(settings.control ? { control: createGatewayControl({ url: baseUrl, token: gateway.token }) } : {}),
  onEvent(event) {
    if (event.type === "resolved") resolved.write({ input: event.claim.input, verdict: event.verdict });
  },
  workerId,
  concurrency,
  leaseMs,
  pollMs: 500,
});
process.once("SIGTERM", () => void runtime.stop({ graceMs: 10_000 }));
runtime.start();
const { error } = await runtime.finished;
controlPlane?.close();
// What ended it, for the test to see; its own connections must not keep it here.
if (error !== null) console.error(error.code);
process.exit(error === null ? 0 : 3);
