import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { describeGateway, test } from "./fixture.ts";

const patience = { timeout: 120_000 };

/** Runs the quickstart as a newcomer does, with a temporary folder of its own. */
function startQuickstart(...args: string[]) {
  const folder = mkdtempSync(join(tmpdir(), "lobster-quickstart-test-"));
  const main = join(import.meta.dirname, "../../examples/quickstart/main.ts");
  const node = ["--conditions=@lobstercontrol/source", "--disable-warning=ExperimentalWarning"];
  const child = spawn(process.execPath, [...node, main, ...args], {
    env: { PATH: process.env["PATH"], TMPDIR: folder },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
    child.on("close", (code) => resolve({ code, out, err }));
  });
  return {
    ended,
    out: () => out,
    interrupt: () => child.kill("SIGINT"),
    /** What it left: files in its temporary folder, and processes that were started with that folder. */
    left: () => [...readdirSync(folder), ...processesOf(folder)],
  };
}

/** On Linux, the processes whose environment names a folder. */
function processesOf(folder: string): string[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, "utf8").includes(folder);
    } catch {
      return false;
    }
  });
}

describeGateway("the quickstart with a real gateway", () => {
  test("tells the whole story and leaves nothing behind", async () => {
    const quickstart = startQuickstart();
    const { code, out, err } = await quickstart.ended;
    expect(err).toBe("");
    expect(code).toBe(0);
    expect(out).toContain("A real OpenClaw gateway answers at http://127.0.0.1:");
    expect(out).toContain("5 notifications, 6 attempts in this run");
    expect(out.match(/^ {2}← /gm)).toHaveLength(5);
    expect(quickstart.left()).toEqual([]);
  });

  test.for(["Starting the OpenClaw gateway", "gateway: 3 s", "attempt 1  sent"])(
    "ends at Ctrl-C after “%s”, and leaves nothing behind",
    async (moment) => {
      const quickstart = startQuickstart();
      await expect.poll(quickstart.out, patience).toContain(moment);
      quickstart.interrupt();
      const { code, err } = await quickstart.ended;
      expect(err).toBe("");
      expect(code).toBe(130);
      expect(quickstart.left()).toEqual([]);
    },
  );

  test("says in a sentence that the port is taken, and exits 1", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    const quickstart = startQuickstart("--port", String(port));
    const { code, err } = await quickstart.ended;
    expect(code).toBe(1);
    expect(err.trim()).toBe(
      `The gateway did not start: port ${port} is taken; choose another, or none for a free one.`,
    );
    expect(quickstart.left()).toEqual([]);
  });
});
