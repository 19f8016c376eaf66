/** A runtime in one process with the SQLite file. It notes each `complete` that it was answered. */
import { createOpenClawClient } from "@lobstercontrol/openclaw-client";
import { createGatewayControl } from "@lobstercontrol/openclaw-client/control";
import { createRuntime } from "@lobstercontrol/runtime";
import { createSqliteControlPlane } from "@lobstercontrol/sqlite";
import { noteCompletes } from "../note-completes.ts";
import { begin, fencedExitCode, inFolder, leaseMs, rules } from "../settings.ts";

const { folder, token, gateway, workerId, concurrency, ...settings } = begin();
const { database, completes, resolved } = inFolder(folder);
const baseUrl = `http://127.0.0.1:${gateway.via}`;

const controlPlane = createSqliteControlPlane({ path: database, ...rules });
const runtime = createRuntime({
  port: noteCompletes(controlPlane.runtime(token), completes),
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
controlPlane.close();
// What ended it, for the test to see; connections of its own must not keep it here.
if (error !== null) console.error(error.code);
process.exit(error === null ? 0 : fencedExitCode);
