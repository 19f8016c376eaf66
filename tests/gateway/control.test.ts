import { chmod, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secret } from "@lobstercontrol/core";
import { createGatewayControl } from "@lobstercontrol/openclaw-client/control";
import { expect, onTestFinished, vi } from "vitest";
import type { ModelProviderServer } from "../../examples/quickstart/gateway/model-provider.ts";
import { describeGateway, newConversation, startTestGateway, test } from "./fixture.ts";

/** A gateway of the test's own, and where its settings are. */
async function ownGateway(models: ModelProviderServer) {
  const stateDir = await mkdtemp(join(tmpdir(), "lobster-control-"));
  onTestFinished(() => rm(stateDir, { recursive: true, force: true, maxRetries: 5 }));
  const gateway = await startTestGateway(models, { stateDir });
  onTestFinished(() => gateway.stop());
  const control = createGatewayControl(gateway);
  return { gateway, control, stateDir, path: join(stateDir, "openclaw.json") };
}

describeGateway("control of a real gateway", () => {
  test("lists its agents", async ({ gateway }) => {
    const control = createGatewayControl(gateway);

    expect(await control.agents()).toEqual(["reviewer", "writer"]);
  });

  test("says that a wrong token is not accepted, without the token", async ({ gateway }) => {
    const token = "a-wrong-token-of-the-test";
    const control = createGatewayControl({ url: gateway.url, token });

    const error: unknown = await control.agents().catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "ERR_CONTROL_UNAUTHORIZED" });
    expect(JSON.stringify(error) + String((error as Error).stack)).not.toContain(token);
  });

  test("says that nobody is there", async () => {
    const control = createGatewayControl({ url: "http://127.0.0.1:1", token: "x" });

    await expect(control.agents()).rejects.toMatchObject({
      code: "ERR_CONTROL_UNREACHABLE",
      message: "The gateway's control connection failed (ECONNREFUSED).",
    });
  });

  test("gives up in time", async ({ gateway }) => {
    const control = createGatewayControl({ ...gateway, callTimeoutMs: 1 });

    await expect(control.agents()).rejects.toMatchObject({ code: "ERR_CONTROL_TIMEOUT" });
  });

  test("refuses calls once it is closed", async ({ gateway }) => {
    const control = createGatewayControl(gateway);
    const underway = control.agents();
    control.close();

    await expect(underway).rejects.toMatchObject({ code: "ERR_CONTROL_UNREACHABLE" });
    await expect(control.agents()).rejects.toMatchObject({ code: "ERR_CONTROL_UNREACHABLE" });
  });

  test("applies a configuration, and its secrets", async ({ models }) => {
    const { control, gateway, stateDir, path } = await ownGateway(models);
    const before = await readFile(path, "utf8");
    const keyFile = join(stateDir, "key");
    const keyPath = "models.providers.local.apiKey";
    const writeKey = async (key: string) => {
      await writeFile(`${keyFile}.new`, key, { mode: 0o600 });
      await rename(`${keyFile}.new`, keyFile);
    };
    await writeKey("key-one");

    // A third agent, and the provider's key from a file.
    const config = JSON.parse(before) as {
      agents: { entries: Record<string, object> };
      models: { providers: { local: { apiKey: unknown } } };
      secrets?: object;
    };
    config.agents.entries["editor"] = { workspace: join(stateDir, "workspaces", "editor") };
    config.secrets = { providers: { file: { source: "file", path: keyFile, mode: "singleValue" } } };
    config.models.providers.local.apiKey = { source: "file", provider: "file", id: "value" };
    const good = JSON.stringify(config, null, 2);
    await control.applyConfig({ path, render: () => good });
    expect(await control.agents()).toEqual(["editor", "reviewer", "writer"]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    // The same again changes nothing, and is not waited for.
    await control.applyConfig({ path, text: good });

    // An invalid one leaves no trace.
    const invalid = control.applyConfig({
      path,
      text: JSON.stringify({ ...config, gateway: { port: "many" } }),
    });
    await expect(invalid).rejects.toMatchObject({
      code: "ERR_CONTROL_CONFIG_INVALID",
      issues: expect.arrayContaining([expect.objectContaining({ path: expect.stringContaining("gateway") })]),
    });
    expect(await readFile(path, "utf8")).toBe(good);
    expect(await control.agents()).toHaveLength(3);
    expect((await readdir(stateDir)).filter((name) => name.endsWith(".new"))).toEqual([]);
    const elsewhere = control.applyConfig({ path: keyFile, text: "{}" });
    await expect(elsewhere).rejects.toMatchObject({ code: "ERR_INVALID_INPUT" });

    // A new key is in use from the reload on, and not before.
    expect(await control.proveSecret(keyPath, new Secret("key-one"))).toBe(true);
    await writeKey("key-two");
    expect(await control.proveSecret(keyPath, new Secret("key-two"))).toBe(false);
    expect(await control.reloadSecrets()).toEqual({ warnings: 0 });
    expect(await control.proveSecret(keyPath, new Secret("key-two"))).toBe(true);
    expect(await control.proveSecret(keyPath, new Secret("key-one"))).toBe(false);
    await expect(control.proveSecret("gateway.auth.token", new Secret("x"))).rejects.toMatchObject({
      code: "ERR_INVALID_INPUT",
    });

    // A file that others can read is refused, and the old key stays.
    await writeKey("key-three");
    await chmod(keyFile, 0o644);
    expect(await control.reloadSecrets()).toEqual({ warnings: 1 });
    expect(await control.proveSecret(keyPath, new Secret("key-two"))).toBe(true);
    // An empty one fails the call.
    await writeKey("");
    await expect(control.reloadSecrets()).rejects.toMatchObject({
      code: "ERR_CONTROL_CALL",
      method: "secrets.reload",
    });
    expect(await gateway.client.probe()).toMatchObject({ ready: true });
  });

  test("restarts when asked, in the same process, and keeps its sessions", async ({ models }) => {
    const { control, gateway } = await ownGateway(models);
    const thread = newConversation();
    const mark = await control.sessionMark(thread.sessionKey);
    const { text } = await gateway.client.responses.create({ ...thread, input: "before the restart" });

    await control.requestRestart("a test");
    await vi.waitFor(async () => expect(await gateway.client.probe()).not.toMatchObject({ ready: true }), {
      timeout: 60_000,
      interval: 50,
    });
    await vi.waitFor(async () => expect(await gateway.client.probe()).toMatchObject({ ready: true }), {
      timeout: 120_000,
      interval: 200,
    });

    expect(await control.didRun({ ...thread, mark })).toMatchObject({ verdict: "ran", text });
  });

  test("after a crash the gateway takes up the run by itself, and didRun tells", async ({ models }) => {
    const { control, gateway, stateDir } = await ownGateway(models);
    const [cut, ended] = [newConversation(), newConversation()];
    for (const thread of [cut, ended])
      await gateway.client.responses.create({ ...thread, input: "an earlier turn" });
    const cutMark = await control.sessionMark(cut.sessionKey);
    const endedMark = await control.sessionMark(ended.sessionKey);
    const { text } = await gateway.client.responses.create({ ...ended, input: "ends in time" });
    const input = `HANG ${stateDir}`;
    const running = gateway.client.responses.create({ ...cut, input }).catch((error: unknown) => error);
    await vi.waitFor(() => expect(models.calls.some((call) => call.text === input)).toBe(true), 30_000);
    gateway.kill();
    await gateway.ended;
    expect(await running).toMatchObject({ outcome: "maybeRan" });

    const again = await startTestGateway(models, {
      stateDir,
      port: Number(new URL(gateway.url).port),
      token: gateway.token,
    });
    onTestFinished(() => again.stop());

    // The same control: the gateway's restart does not matter to it.
    expect(await control.didRun({ ...ended, mark: endedMark })).toMatchObject({ verdict: "ran", text });
    const seen = new Set<string>();
    await vi.waitFor(
      async () => {
        const { verdict } = await control.didRun({ ...cut, mark: cutMark });
        seen.add(verdict);
        expect(verdict).toBe("ran");
      },
      { timeout: 60_000, interval: 250 },
    );
    expect([...seen].filter((verdict) => verdict !== "active")).toEqual(["ran"]);
  });
});
