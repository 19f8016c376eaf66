import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createMockGateway,
  listenMockGateway,
  type MockReply,
  type MockRun,
} from "@lobstercontrol/openclaw-client/testing";
import { createSqliteControlPlane } from "@lobstercontrol/sqlite";
import { onTestFinished } from "vitest";

/** A SQLite file, a mock gateway on a port, and runtimes as processes; all of it is gone when the test is over. */
export async function openHarness(reply: (run: MockRun) => MockReply | Promise<MockReply>) {
  const folder = mkdtempSync(join(tmpdir(), "lobster-"));
  const path = join(folder, "lobster.db");
  const controlPlane = createSqliteControlPlane({ path, maxAttempts: 100 });
  await controlPlane.platform.upsertAccount({ account: "acme" });
  await controlPlane.platform.upsertAgent({ account: "acme", agent: "writer" });
  const admin = controlPlane.admin({ id: "user-1" }, "acme");
  const token = (await admin.issueServiceToken()).token.reveal();
  const server = await listenMockGateway(createMockGateway({ agents: ["writer"], reply }));
  onTestFinished(async () => {
    await server.close();
    controlPlane.close();
    rmSync(folder, { recursive: true });
  });

  return {
    admin,
    notify: (thread: string, input: string) =>
      controlPlane.platform.notify({
        account: "acme",
        agent: "writer",
        thread,
        input,
        idempotencyKey: input,
      }),
    async messages() {
      const { messages } = await controlPlane.platform.messages({ limit: 1_000 });
      return messages;
    },
    /** Starts a runtime and waits until it runs. */
    async startProcess() {
      const script = join(import.meta.dirname, "process.ts");
      const args = ["--conditions=@lobstercontrol/source", script, path, token, server.url];
      const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
      onTestFinished(() => void child.kill("SIGKILL"));
      const exited = once(child, "exit");
      await Promise.race([once(child.stdout, "data"), exited]);
      return {
        /** Kills it and waits until it is gone; gives its exit code. */
        async end(signal: "SIGKILL" | "SIGTERM"): Promise<number | null> {
          child.kill(signal);
          return (await exited)[0] as number | null;
        },
      };
    },
  };
}
