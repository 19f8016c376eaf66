/** That `pnpm test:deployment` runs: on the test app behind the wire, which it knows by address and admin key alone. */
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { expect, it, onTestFinished } from "vitest";
import { adminKey, startTestApp } from "./backend.ts";

const deploymentTests = (env: NodeJS.ProcessEnv): Promise<{ code: number | null; said: string }> => {
  const child = spawn(process.execPath, ["tests/wire/deployment.ts"], {
    // What cannot be done to a deployment is skipped there, which fails no more than it does by hand.
    env: { ...process.env, CI: "", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  return Promise.all([
    text(child.stdout),
    new Promise<number | null>((ended) => child.on("close", ended)),
  ]).then(([said, code]) => ({ code, said }));
};

it("runs the suites of the ports and the flows on a deployment that is given", async () => {
  const deployment = await startTestApp();
  onTestFinished(() => deployment.close());
  const { code, said } = await deploymentTests({ CONVEX_URL: deployment.url, CONVEX_ADMIN_KEY: adminKey });
  const [, passed, failed, skipped] = /(\d+) passed, (\d+) failed, (\d+) skipped\n$/.exec(said)!.map(Number);
  expect({ code, failed, why: code === 0 ? "" : said }).toEqual({ code: 0, failed: 0, why: "" });
  expect(passed).toBeGreaterThan(2 * skipped!);
}, 300_000);
