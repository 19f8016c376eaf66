import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createSqliteControlPlane } from "@lobstercontrol/sqlite";
import { expect, it, onTestFinished } from "vitest";

const total = 400;
const threads = 20;

function startWorker(path: string, token: string, workerId: string) {
  const script = join(import.meta.dirname, "worker.ts");
  const child = spawn(
    process.execPath,
    ["--conditions=@lobstercontrol/source", script, path, token, workerId],
    {
      stdio: ["pipe", "pipe", "inherit"],
    },
  );
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    ready: async () => expect((await lines.next()).value).toBe("ready"),
    /** How many it claimed. */
    async end() {
      child.stdin.end();
      return Number((await lines.next()).value);
    },
  };
}

it(
  "lets three processes share one file: nothing lost, nothing twice, in order, woken across processes",
  { timeout: 30_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "lobster-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, "lobster.db");
    const controlPlane = createSqliteControlPlane({ path });
    onTestFinished(() => controlPlane.close());
    await controlPlane.platform.upsertAccount({ account: "acme" });
    await controlPlane.platform.upsertAgent({ account: "acme", agent: "writer" });
    const token = (await controlPlane.admin({ id: "u" }, "acme").issueServiceToken()).token.reveal();
    const workers = ["w1", "w2"].map((workerId) => startWorker(path, token, workerId));
    await Promise.all(workers.map((worker) => worker.ready()));

    for (let index = 0; index < total; index++) {
      const notification = {
        account: "acme",
        agent: "writer",
        thread: `t${index % threads}`,
        input: String(index),
      };
      await controlPlane.platform.notify({ ...notification, idempotencyKey: String(index) });
    }
    const messages = await expect
      .poll(async () => (await controlPlane.platform.messages({ limit: 1_000 })).messages, {
        timeout: 20_000,
      })
      .toHaveLength(total)
      .then(async () => (await controlPlane.platform.messages({ limit: 1_000 })).messages);

    expect(new Set(messages.map(({ notification }) => notification)).size).toBe(total);
    for (let thread = 0; thread < threads; thread++) {
      const texts = messages
        .filter((message) => message.thread === `t${thread}`)
        .map(({ text }) => Number(text));
      expect(texts).toEqual(texts.toSorted((a, b) => a - b));
    }
    const claimed = await Promise.all(workers.map((worker) => worker.end()));
    expect(claimed[0]! + claimed[1]!).toBe(total);
    expect(Math.min(...claimed)).toBeGreaterThan(0);
  },
);
