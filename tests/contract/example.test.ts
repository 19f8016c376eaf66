/**
 * `pnpm example provision` with a token, as a process of its own: it asks, spends, waits for the droplet, and takes it away again.
 * Only DigitalOcean is an imitation, on a port of loopback, held to its own document.
 */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { hashToken, Secret, systemClock } from "@lobstercontrol/core";
import { createBootstrapClient, createRuntimeClient } from "@lobstercontrol/core/http";
import { reportOf } from "@lobstercontrol/core/testing";
import { afterEach, describe, expect, it, vi } from "vitest";
import { freePort } from "../../examples/quickstart/gateway/port.ts";
import { listen } from "./fake/listen.ts";
import { bootstrapTokenIn } from "./user-data.ts";
import { createWorld, expectByTheDocument, hasDocument, token } from "./world.ts";

const main = fileURLToPath(new URL("../../examples/provision/main.ts", import.meta.url));

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** The example at the imitation, and a database for it. */
async function setUp() {
  const world = await createWorld({ clock: systemClock, bootMs: 100 });
  const server = await listen(world.fake);
  ends.push(() => server.close());
  const folder = await mkdtemp(join(tmpdir(), "lobster-example-"));
  ends.push(() => rm(folder, { recursive: true, force: true }));
  const port = await freePort();
  const before = new Set(world.fake.droplets().map(({ id }) => id));

  /** Runs the example to its end, and answers its question. */
  async function run(args: string[], answer = ""): Promise<{ code: number | null; text: string }> {
    const child = spawn(process.execPath, ["--conditions=@lobstercontrol/source", main, ...args], {
      cwd: folder,
      env: { ...process.env, DIGITALOCEAN_TOKEN: token, DIGITALOCEAN_API_URL: server.url },
    });
    ends.push(async () => void child.kill("SIGKILL"));
    let text = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (part: Buffer) => (text += String(part)));
    child.stdin.end(`${answer}\n`);
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    return { code, text };
  }

  return { world, run, port, ours: () => world.fake.droplets().filter(({ id }) => !before.has(id)) };
}

const real = (port: number) => [
  ...["--url", "https://platform.test/lobster", "--port", String(port)],
  ...["--gateway-image", "registry.example.com/openclaw:2026.9.6"],
  ...["--runtime-image", "registry.example.com/lobster-runtime:1.0.0"],
];

describe.skipIf(!hasDocument)("the example, with a token", { timeout: 240_000 }, () => {
  it("creates nothing unless it is told yes", async () => {
    const { world, run, port, ours } = await setUp();
    const { code, text } = await run(real(port), "y");
    expect(text).toContain("Nothing was created.");
    expect(text).not.toContain("made-up example");
    expect(code).toBe(0);
    expect(ours()).toEqual([]);
    expect(world.fake.requests.every(({ method }) => method === "GET")).toBe(true);
    expectByTheDocument(world);
  });

  it("creates a droplet, waits until it calls home, and --destroy takes it away", async () => {
    const { world, run, port, ours } = await setUp();
    const created = run(real(port), "yes");
    await vi.waitFor(() => expect(ours()).toHaveLength(1), { timeout: 60_000 });

    const droplet = ours()[0]!;
    const bootstrapToken = bootstrapTokenIn(droplet.userData);
    const serviceToken = new Secret(["lcs", "x".repeat(43)].join("_"));
    const url = `http://127.0.0.1:${port}/lobster`;
    const bootstrap = createBootstrapClient({ url });
    await bootstrap.phase({ bootstrapToken, phase: "start", ok: true });
    const serviceTokenHash = await hashToken(serviceToken);
    await bootstrap.exchange({ bootstrapToken, serviceTokenHash, dropletId: droplet.id });
    await createRuntimeClient({ url, serviceToken }).report(reportOf());

    const { code, text } = await created;
    expect(text).toContain(`running, droplet ${droplet.id}, start done`);
    expect(code).toBe(0);
    expect(ours()).toHaveLength(1);

    const destroyed = await run(["--destroy"]);
    expect(destroyed.text).toContain("destroyed");
    expect(destroyed.code).toBe(0);
    expect(ours()).toEqual([]);
    expect(text + destroyed.text).not.toContain(token);
    expectByTheDocument(world);
  });
});
