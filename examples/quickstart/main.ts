/** The main job, end to end: a notification goes in, an agent of an OpenClaw gateway answers, the reply stands in the thread. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LobsterError } from "@lobstercontrol/core";
import { createOpenClawClient } from "@lobstercontrol/openclaw-client";
import { createRuntime } from "@lobstercontrol/runtime";
import { createSqliteControlPlane, type SqliteControlPlane } from "@lobstercontrol/sqlite";
import { openGateway, type OpenGateway } from "./open-gateway.ts";
import { help, readOptions, type QuickstartOptions } from "./options.ts";
import { printEvent, printThreads } from "./print.ts";
import { account, notifications } from "./story.ts";
import { createTerminal } from "./terminal.ts";

const terminal = createTerminal();
const interrupted = new AbortController();
for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const) {
  process.on(signal, () => {
    // Once is enough, and the second must not cut the tidying short.
    if (interrupted.signal.aborted) return;
    process.exitCode = code;
    interrupted.abort();
  });
}

/** What has to be ended, the last first. */
const ends: (() => Promise<void>)[] = [];
const onEnd = (end: () => Promise<void>): unknown => ends.unshift(end);
try {
  const options = readOptions(process.argv.slice(2), process.env);
  if (options === "help") terminal.line(help);
  else await tellStory(options);
} catch (error) {
  if (!interrupted.signal.aborted) {
    process.exitCode = 1;
    console.error(`\n${explain(error)}`);
  }
} finally {
  if (interrupted.signal.aborted) terminal.line("\nStopping what was started …");
  for (const end of ends) await end().catch((error: unknown) => console.error(explain(error)));
}
process.exit();

async function tellStory(options: QuickstartOptions): Promise<void> {
  terminal.line(
    `${terminal.bold("LobsterControl quickstart")}: a notification goes in, an agent answers, the reply stands in the thread.\n`,
  );
  const gateway = await openGateway(options.gateway, terminal, interrupted.signal, onEnd);
  interrupted.signal.throwIfAborted();

  const path = options.db ?? (await temporaryDatabase());
  const controlPlane = createSqliteControlPlane({
    path,
    maxAttempts: 4,
    backoff: { baseMs: 1_000, capMs: 5_000 },
  });
  onEnd(async () => controlPlane.close());
  const { platform } = controlPlane;
  await platform.upsertAccount({ account });
  for (const agent of gateway.agents) await platform.upsertAgent({ account, agent });
  const before = await countNotifications(controlPlane);
  for (const notification of notifications(gateway.agents, gateway.staged))
    await platform.notify(notification);
  const total = await countNotifications(controlPlane);
  terminal.done(
    `${options.db === null ? "A SQLite file" : options.db} is the control plane: account ${account}, agents ${gateway.agents.join(" and ")}, ` +
      `${total} notifications on 3 session keys${before === 0 ? "" : ` (${before} were there already)`}\n`,
  );

  const startedAt = performance.now();
  const attempts = await deliver(controlPlane, gateway);
  interrupted.signal.throwIfAborted();
  const admin = controlPlane.admin({ id: "quickstart" }, account);
  const dead = await printThreads(admin, terminal);
  if (dead > 0) process.exitCode = 1;
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  terminal.line(`${total} notifications, ${attempts} attempts in this run, ${seconds} s.`);
}

/** Runs the runtime until nothing waits any more; gives the number of attempts. */
async function deliver(controlPlane: SqliteControlPlane, gateway: OpenGateway): Promise<number> {
  const { token } = await freshServiceToken(controlPlane);
  if (await isFinished(controlPlane)) return 0;
  let attempts = 0;
  await new Promise<void>((resolve, reject) => {
    const runtime = createRuntime({
      port: controlPlane.runtime(token),
      client: createOpenClawClient({ baseUrl: gateway.url, token: gateway.token }),
      // The same name in the next run: what this one leaves when it is killed is taken over at once.
      workerId: "quickstart",
      onEvent(event) {
        if (event.type === "began") attempts++;
        printEvent(event, terminal);
        void isFinished(controlPlane).then((finished) => finished && resolve(), reject);
      },
    });
    onEnd(() => runtime.stop({ graceMs: 1_000 }));
    void runtime.finished.then(({ error }) => error !== null && reject(error));
    interrupted.signal.addEventListener("abort", () => resolve());
    runtime.start();
  });
  return attempts;
}

async function isFinished(controlPlane: SqliteControlPlane): Promise<boolean> {
  const { items } = await controlPlane.admin({ id: "quickstart" }, account).notifications();
  return items.every(({ state }) => state === "delivered" || state === "dead");
}

async function countNotifications(controlPlane: SqliteControlPlane): Promise<number> {
  return (await controlPlane.admin({ id: "quickstart" }, account).notifications()).items.length;
}

/** An account has two good tokens at most, so those of earlier runs go. */
async function freshServiceToken(controlPlane: SqliteControlPlane) {
  const admin = controlPlane.admin({ id: "quickstart" }, account);
  for (const { id } of await admin.serviceTokens()) await admin.revokeServiceToken(id);
  return await admin.issueServiceToken();
}

async function temporaryDatabase(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "lobster-quickstart-"));
  onEnd(() => rm(folder, { recursive: true, force: true }));
  return join(folder, "lobster.db");
}

/** One sentence and the way out. A stack trace would help nobody who runs an example. */
function explain(error: unknown): string {
  if (LobsterError.isInstance(error)) return `${error.message} ${error.hint}`;
  return error instanceof Error ? error.message : String(error);
}
