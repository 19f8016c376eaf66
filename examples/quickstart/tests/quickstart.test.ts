import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMockGateway, listenMockGateway } from "@lobstercontrol/openclaw-client/testing";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";

// Each test starts Node two times and more: on a busy machine that takes seconds.
vi.setConfig({ testTimeout: 20_000 });

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "lobster-test-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the quickstart as `npm run example` does, with a temporary folder of its own. */
function start(args: string[], env: Record<string, string> = {}) {
  const node = ["--conditions=@lobstercontrol/source", "--disable-warning=ExperimentalWarning"];
  const child = spawn(process.execPath, [...node, join(import.meta.dirname, "../main.ts"), ...args], {
    env: { PATH: process.env["PATH"] ?? "", TMPDIR: folder, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const result = { code: null as number | null, out: "", err: "" };
  child.stdout.on("data", (chunk: Buffer) => (result.out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (result.err += chunk.toString()));
  const ended = new Promise<typeof result>((resolve) => {
    child.on("close", (code) => resolve(Object.assign(result, { code })));
  });
  return { child, ended, out: () => result.out };
}

async function listen(options: Parameters<typeof createMockGateway>[0] = {}) {
  const gateway = createMockGateway({ token: "good", agents: ["ada", "bob"], ...options });
  const server = await listenMockGateway(gateway);
  onTestFinished(() => server.close());
  return { gateway, url: server.url };
}

describe("the main job with the mock gateway", () => {
  it("tells the whole story, with a retry, and leaves nothing behind", async () => {
    const { code, out, err } = await start(["--gateway", "mock"]).ended;
    expect(err).toBe("");
    expect(code).toBe(0);
    expect(out).toContain("5 notifications on 3 session keys");
    expect(out).toMatch(/pricing-page · writer +attempt 1 {2}failed: .* Again in/);
    expect(out).toMatch(/pricing-page · writer +attempt 2 {2}delivered/);
    expect(out).toContain("5 notifications, 6 attempts in this run");
    expect(out.match(/^ {2}← /gm)).toHaveLength(5);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("resumes the database that it is given, and repeats nothing", async () => {
    const db = join(folder, "kept.db");
    expect((await start(["--gateway", "mock", "--db", db]).ended).code).toBe(0);
    for (const _ of [2, 3, 4]) {
      const { code, out } = await start(["--gateway", "mock", "--db", db]).ended;
      expect(code).toBe(0);
      expect(out).toContain("5 notifications on 3 session keys (5 were there already)");
      expect(out).toContain("5 notifications, 0 attempts in this run");
    }
  });

  it("finishes what an interrupted run left in its database", async () => {
    const db = join(folder, "kept.db");
    const { url, gateway } = await listen({ reply: () => ({ hang: true }) });
    const first = start(["--gateway", url, "--token", "good", "--db", db]);
    await expect.poll(first.out).toContain("sent");
    first.child.kill("SIGKILL");
    await first.ended;
    gateway.reply = ({ input }) => ({ text: `re: ${input}` });
    const { code, out } = await start(["--gateway", url, "--token", "good", "--db", db]).ended;
    expect(code).toBe(0);
    expect(out.match(/^ {2}← re: /gm)).toHaveLength(5);
  });

  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("stops at %s in the middle of a run, tidies up and exits %i", async (signal, exitCode) => {
    const { url, gateway } = await listen({ reply: () => ({ hang: true }) });
    const { child, ended, out } = start(["--gateway", url, "--token", "good"]);
    await expect.poll(() => gateway.requests.some(({ path }) => path === "/v1/responses")).toBe(true);
    await expect.poll(out).toContain("sent");
    child.kill(signal);
    child.kill(signal);
    const { code, err } = await ended;
    expect(code).toBe(exitCode);
    expect(err).toBe("");
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("a gateway that is running already", () => {
  it("is used with its own agents, by flags and by environment", async () => {
    const { url } = await listen();
    const byFlags = await start(["--gateway", url, "--token", "good"]).ended;
    const byEnv = await start([], { OPENCLAW_GATEWAY_URL: url, OPENCLAW_GATEWAY_TOKEN: "good" }).ended;
    for (const { code, out } of [byFlags, byEnv]) {
      expect(code).toBe(0);
      expect(out).toContain("agents ada and bob");
    }
  });

  it("needs one agent only", async () => {
    const { url } = await listen({ agents: ["main"] });
    const { code, out } = await start(["--gateway", url, "--token", "good"]).ended;
    expect(code).toBe(0);
    expect(out).toContain("5 notifications, 5 attempts");
  });
});

describe("what goes wrong is one clear sentence with the way out, no stack trace, and exit code 1", () => {
  const expectSentence = async (run: ReturnType<typeof start>, ...words: string[]) => {
    const { code, err } = await run.ended;
    expect(code).toBe(1);
    for (const word of words) expect(err).toContain(word);
    expect(err).not.toMatch(/^\s+at |node:internal|Error:/m);
    expect(err.trim().split("\n")).toHaveLength(1);
  };

  it("nobody listens at the URL", () =>
    expectSentence(
      start(["--gateway", "http://127.0.0.1:9", "--token", "t"]),
      "No OpenClaw gateway answers",
      "start it",
    ));

  it("the URL is none", () =>
    expectSentence(start(["--gateway", "localhost"]), "--gateway takes a URL", "mock"));

  it("there is no token", () =>
    expectSentence(start(["--gateway", "http://127.0.0.1:9"]), "wants a token", "OPENCLAW_GATEWAY_TOKEN"));

  it("the token is wrong", async () => {
    const { url } = await listen();
    await expectSentence(
      start(["--gateway", url, "--token", "wrong"]),
      "refuses the token",
      "gateway.auth.token",
    );
  });

  it("the endpoint is off", async () => {
    const { url, gateway } = await listen();
    gateway.responsesEnabled = false;
    await expectSentence(start(["--gateway", url, "--token", "good"]), "responses.enabled");
  });

  it("the provider has no key", () =>
    expectSentence(start(["--provider", "anthropic"]), "set ANTHROPIC_API_KEY"));

  it("the provider is unknown", () =>
    expectSentence(start(["--provider", "acme"]), "--provider takes one of anthropic"));

  it("an option is unknown", () => expectSentence(start(["--gatway", "mock"]), "--gatway", "--help"));

  it("the database cannot be opened", () =>
    expectSentence(
      start(["--gateway", "mock", "--db", join(folder, "missing", "x.db")]),
      "folder must exist",
    ));

  it("the database is no database", async () => {
    writeFileSync(join(folder, "x.db"), "This is a letter. ".repeat(100));
    await expectSentence(
      start(["--gateway", "mock", "--db", join(folder, "x.db")]),
      "not a database",
      "backup",
    );
  });
});

it("explains itself", async () => {
  const { code, out } = await start(["--help"]).ended;
  expect(code).toBe(0);
  for (const option of ["--gateway", "--provider", "--db", "--port"]) expect(out).toContain(option);
});
