import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Secret } from "@lobstercontrol/core";
import { createOpenClawClient } from "@lobstercontrol/openclaw-client";
import { createDeviceKey, createGatewayControl } from "@lobstercontrol/openclaw-client/control";
import { expect, vi } from "vitest";
import { openElsewhere } from "./elsewhere.ts";
import { describeElsewhere, newConversation, openclaw, startTestGateway, test as base } from "./fixture.ts";

const apiKey = new Secret("key-of-the-model-provider");
const run = promisify(execFile);
// A restart of the gateway, and the start of OpenClaw's own program six times.
const timeout = 360_000;

/** A gateway on all addresses, whose provider's key can be proven, and the `openclaw devices` of its operator. */
const test = base.extend("open", { scope: "file" }, async ({ models }, { onCleanup }) => {
  const stateDir = await mkdtemp(join(tmpdir(), "lobster-pairing-"));
  const keyFile = join(stateDir, "key");
  await writeFile(keyFile, apiKey.reveal(), { mode: 0o600 });
  const gateway = await startTestGateway(models, {
    stateDir,
    amend: (config) => ({
      ...config,
      gateway: { ...config.gateway, bind: "lan" },
      models: {
        ...config.models,
        providers: {
          local: {
            ...config.models.providers["local"],
            apiKey: { source: "file", provider: "file", id: "value" },
          },
        },
      },
      secrets: { providers: { file: { source: "file", path: keyFile, mode: "singleValue" } } },
    }),
  });
  onCleanup(async () => {
    await gateway.stop();
    await rm(stateDir, { recursive: true, force: true, maxRetries: 5 });
  });

  const path = join(stateDir, "openclaw.json");
  const env = {
    PATH: process.env["PATH"],
    HOME: stateDir,
    OPENCLAW_STATE_DIR: stateDir,
    OPENCLAW_CONFIG_PATH: path,
    OPENCLAW_GATEWAY_TOKEN: gateway.token.reveal(),
  };
  const devices = async (...words: string[]): Promise<string> =>
    (await run(process.execPath, [openclaw(), "devices", ...words], { env })).stdout;
  return { gateway, path, devices };
});

describeElsewhere("control of a real gateway from elsewhere", () => {
  test("is refused by the token alone, with the way out", async ({ open }) => {
    const { token } = open.gateway;
    const url = await openElsewhere(open.gateway);
    const control = createGatewayControl({ url, token });

    await expect(control.agents()).rejects.toMatchObject({
      code: "ERR_CONTROL_NOT_PAIRED",
      deviceId: null,
      requestId: null,
      retryable: false,
      hint: expect.stringContaining("deviceKey"),
    });
    await expect(control.pair()).rejects.toMatchObject({ code: "ERR_INVALID_INPUT" });
    // Runs need no device.
    const { responses } = createOpenClawClient({ baseUrl: url, token });
    expect(await responses.create({ ...newConversation(), input: "hello" })).toMatchObject({
      status: "completed",
    });
  });

  test(
    "is given to a device that an operator has approved, until he revokes it",
    { timeout },
    async ({ open }) => {
      const { gateway, path, devices } = open;
      const { token } = gateway;
      const url = await openElsewhere(gateway);
      const deviceKey = createDeviceKey();
      const control = createGatewayControl({ url, token, deviceKey });

      // It asks, and asks again: one request, and no rights meanwhile.
      const asked = await control.pair();
      expect(asked).toEqual({
        isPaired: false,
        deviceId: expect.stringMatching(/^[0-9a-f]{64}$/),
        requestId: expect.any(String),
      });
      expect(await control.pair()).toEqual(asked);
      await expect(control.reloadSecrets()).rejects.toMatchObject({
        code: "ERR_CONTROL_NOT_PAIRED",
        deviceId: asked.deviceId,
        requestId: asked.requestId,
        retryable: true,
        hint: expect.stringContaining(`openclaw devices approve ${asked.requestId}`),
      });
      expect(await devices("list")).toContain("LobsterControl");
      await devices("approve", asked.requestId!);

      // Another control with the same key, such as after a restart of its process, is the same device.
      const paired = { isPaired: true, deviceId: asked.deviceId, requestId: null };
      const later = createGatewayControl({ url, token, deviceKey: deviceKey.reveal() });
      expect(await later.pair()).toEqual(paired);
      const stranger = createGatewayControl({ url, token, deviceKey: createDeviceKey() });
      await expect(stranger.agents()).rejects.toMatchObject({ code: "ERR_CONTROL_NOT_PAIRED" });
      const wrong = createGatewayControl({ url, token: "wrong", deviceKey });
      await expect(wrong.agents()).rejects.toMatchObject({ code: "ERR_CONTROL_UNAUTHORIZED" });

      // Every control call.
      expect(await control.agents()).toEqual(["reviewer", "writer"]);
      const thread = newConversation();
      const mark = await control.sessionMark(thread.sessionKey);
      const { text } = await gateway.client.responses.create({ ...thread, input: "the harbour" });
      expect(await control.didRun({ ...thread, mark })).toMatchObject({ verdict: "ran", text });
      expect(await control.reloadSecrets()).toEqual({ warnings: 0 });
      expect(await control.proveSecret("models.providers.local.apiKey", apiKey)).toBe(true);
      const config = JSON.parse(await readFile(path, "utf8")) as {
        agents: { entries: Record<string, object> };
      };
      config.agents.entries["editor"] = {};
      await control.applyConfig({ path, text: JSON.stringify(config) });
      expect(await control.agents()).toEqual(["editor", "reviewer", "writer"]);

      await control.requestRestart("a test");
      const isReady = async () => (await gateway.client.probe()).ready;
      await vi.waitUntil(async () => !(await isReady()), { timeout: 60_000, interval: 50 });
      await vi.waitUntil(isReady, { timeout: 120_000, interval: 200 });
      expect(await control.agents()).toHaveLength(3);

      // Revoked, it is refused at its next call, and may ask again.
      await devices("revoke", "--device", asked.deviceId, "--role", "operator");
      await expect(control.agents()).rejects.toMatchObject({
        code: "ERR_CONTROL_NOT_PAIRED",
        message: expect.stringContaining("revoked"),
      });
      const again = await control.pair();
      expect(again).toMatchObject({
        isPaired: false,
        requestId: expect.not.stringMatching(asked.requestId!),
      });
      await devices("approve", again.requestId!);
      expect(await control.pair()).toEqual(paired);
      await devices("remove", asked.deviceId);
      await expect(control.agents()).rejects.toMatchObject({ code: "ERR_CONTROL_NOT_PAIRED" });

      // On loopback nothing has to be approved.
      const near = createGatewayControl({ url: gateway.url, token, deviceKey });
      expect(await near.pair()).toEqual(paired);
    },
  );
});
