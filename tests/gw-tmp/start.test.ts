import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secret } from "@lobstercontrol/core";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { ensureOpenClaw, GatewayInstallError } from "../../examples/quickstart/gw-tmp/install.ts";
import { startGateway, type GatewayOptions } from "../../examples/quickstart/gw-tmp/start.ts";

const token = new Secret("canary-token-0123456789");
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lobster-start-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
});

/** Starts a program of ours in OpenClaw's place: how a gateway is started and ended needs no real one. */
async function startProgram(
  source: string,
  options: Partial<GatewayOptions> = {},
  stateDir: string | null = join(folder, "state"),
) {
  const program = join(folder, "openclaw.mjs");
  await writeFile(program, source);
  return await startGateway({
    openclaw: program,
    provider: { kind: "anthropic", apiKey: new Secret("sk-canary-0123456789") },
    agents: ["writer"],
    token,
    ...(stateDir === null ? {} : { stateDir }),
    ...options,
  });
}

/** Has a child that listens, writes down what it was given, and is ready then. Deaf to SIGTERM when told to be. */
const program = (deaf = false) => `
  import { spawn } from "node:child_process";
  import { createServer } from "node:http";
  import { writeFileSync } from "node:fs";
  const listen = 'const server = require("node:http").createServer((_, response) => response.end());' +
    'server.listen(0, "127.0.0.1", () => console.log(server.address().port))';
  ${deaf ? 'process.on("SIGTERM", () => {});' : ""}
  spawn(process.execPath, ["-e", listen]).stdout.once("data", (port) => {
    const child = "http://127.0.0.1:" + String(port).trim();
    writeFileSync("seen.json", JSON.stringify({ argv: process.argv, env: process.env, child }));
    createServer((_, response) => response.end()).listen(Number(process.argv.at(-1)), "127.0.0.1");
  });
`;

describe("starting a gateway", () => {
  it("promise 8: hands token and key on in the environment alone, and nothing else of ours", async () => {
    vi.stubEnv("CANARY", "of our environment");
    onTestFinished(() => void vi.unstubAllEnvs());
    const gateway = await startProgram(program());
    onTestFinished(() => gateway.stop());
    const seen = await readSeen();

    expect(seen.argv.join(" ")).not.toMatch(/canary/);
    expect(seen.env).toMatchObject({
      OPENCLAW_GATEWAY_TOKEN: token.reveal(),
      ANTHROPIC_API_KEY: "sk-canary-0123456789",
    });
    expect(seen.env).not.toHaveProperty("CANARY");
    const config = join(folder, "state", "openclaw.json");
    expect(await readFile(config, "utf8")).not.toMatch(/canary/);
    if (process.platform !== "win32") expect((await stat(config)).mode & 0o777).toBe(0o600);
  });

  it("tells the last words of one that ends at once, without its secrets", async () => {
    const starting = startProgram(
      `console.error("Gateway start blocked", process.env.OPENCLAW_GATEWAY_TOKEN); process.exit(78);`,
    );

    await expect(starting).rejects.toThrow(
      /ended with 78 after \d+ s\. Its last lines:\nGateway start blocked \[secret\]$/,
    );
  });

  it("refuses a port that is taken, for whoever is there would answer in its place", async () => {
    const first = await startProgram(program());
    onTestFinished(() => first.stop());

    await expect(startProgram(program(), { port: Number(new URL(first.url).port) })).rejects.toThrow(
      /port \d+ is taken/,
    );
  });

  it("gives up when it is told to, and leaves nothing behind", async () => {
    for (const name of ["TMPDIR", "TEMP", "TMP"]) vi.stubEnv(name, folder);
    onTestFinished(() => void vi.unstubAllEnvs());
    const interrupt = new AbortController();
    setTimeout(() => interrupt.abort(new Error("Ctrl-C")), 500);
    const source = `console.log("never ready"); setInterval(() => {}, 1000);`;

    await expect(startProgram(source, { signal: interrupt.signal }, null)).rejects.toThrow("Ctrl-C");
    expect(await readdir(folder)).toEqual(["openclaw.mjs"]);
  });
});

describe("ending a gateway", () => {
  it("ends its children with it", async () => {
    const gateway = await startProgram(program());
    const { child } = await readSeen();
    await gateway.stop();

    expect(await gateway.ended).toBe("SIGTERM");
    await expectSilence(child);
  });

  it("ends it at once on kill, and its children too", async () => {
    const gateway = await startProgram(program(true));
    const { child } = await readSeen();
    expect((await fetch(child)).ok).toBe(true);
    gateway.kill();

    expect(await gateway.ended).toBe("SIGKILL");
    await expectSilence(child);
    await gateway.stop();
  });
});

describe("installing OpenClaw without a network", () => {
  it("says so in a sentence, with the way out, and leaves nothing half installed", async () => {
    vi.stubEnv("npm_config_registry", "http://127.0.0.1:9/");
    vi.stubEnv("npm_config_cache", join(folder, "npm"));
    onTestFinished(() => void vi.unstubAllEnvs());
    const cacheDir = join(folder, "cache");
    const error = await ensureOpenClaw({ cacheDir }).catch((caught: unknown) => caught);

    expect(error).toBeInstanceOf(GatewayInstallError);
    expect(error).toMatchObject({
      message:
        "OpenClaw could not be installed: npm could not reach its registry (ECONNREFUSED); --gateway mock runs without the download.",
    });
    expect(await readdir(cacheDir)).toEqual([]);
  });
});

async function readSeen(): Promise<{ argv: string[]; env: Record<string, string>; child: string }> {
  return JSON.parse(await readFile(join(folder, "state", "seen.json"), "utf8")) as Awaited<
    ReturnType<typeof readSeen>
  >;
}

/** A port tells more than a process id, which stays until somebody has taken note of the end. */
async function expectSilence(url: string): Promise<void> {
  await vi.waitFor(() => expect(fetch(url)).rejects.toThrow("fetch failed"));
}
