import { Secret } from "@lobstercontrol/core";
import { createRuntime, type KeysSync, type RuntimeEvent } from "@lobstercontrol/runtime";
import { createSqliteControlPlane } from "@lobstercontrol/sqlite";
import { chmod } from "node:fs/promises";
import { expect, onTestFinished, vi } from "vitest";
import { describeGateway, newConversation, test as base, type TestGateway } from "./fixture.ts";
import { newKey, startKeyGate } from "./key-gate.ts";
import { agent, openSynced } from "./synced.ts";

/** How many notifications are under way while the key changes. More by hand. */
const inFlow = Number(process.env["ROTATION_NOTIFICATIONS"] ?? 30);
const patience = { timeout: 170_000, interval: 100 };

let count = 0;

/** One gateway and one gate for all: each test has a provider of its own, since a refused key has a cool-down. */
const test = base
  .extend("gate", { scope: "file" }, async ({ models }, { onCleanup }) => {
    const gate = await startKeyGate(models);
    onCleanup(() => gate.close());
    return gate;
  })
  .extend("synced", { scope: "file" }, async ({ models, gate }, { onCleanup }) => {
    const { url: baseUrl } = gate;
    const names = ["flow", "unloadable", "revoked", "refused"];
    const own = Object.fromEntries(names.map((name) => [name, { baseUrl, model: "demo" }]));
    const atGate = ["anthropic", "openai", "gemini", "openrouter", "vercel-ai-gateway"].map((name) => [
      name,
      { baseUrl },
    ]);
    const synced = await openSynced(
      models,
      {
        providers: { ...own, ...(Object.fromEntries(atGate) as Record<string, { baseUrl: string }>) },
        preferred: names,
      },
      onCleanup,
    );
    await synced.syncRoster(agent("writer"), agent("reviewer"));
    return synced;
  });

/** A control plane in memory, and a runtime that delivers from it; the keys' sync hears what it tells. */
async function openLoop(
  { client }: TestGateway,
  keys: KeysSync,
  onEvent: (event: RuntimeEvent) => void = () => {},
) {
  const account = `Rotation-${++count}`;
  const controlPlane = createSqliteControlPlane({
    path: ":memory:",
    maxAttempts: 100,
    backoff: { baseMs: 500, capMs: 2_000 },
  });
  await controlPlane.platform.upsertAccount({ account });
  await controlPlane.platform.upsertAgent({ account, agent: "writer" });
  const { token } = await controlPlane.admin({ id: "user-1" }, account).issueServiceToken();
  const runtime = createRuntime({
    port: controlPlane.runtime(token),
    client,
    concurrency: 4,
    onEvent(event) {
      keys.onEvent(event);
      onEvent(event);
    },
  });
  onTestFinished(async () => {
    await runtime.stop({ graceMs: 2_000 });
    controlPlane.close();
  });
  runtime.start();
  return {
    notify: (thread: string, input: string) =>
      controlPlane.platform.notify({ account, agent: "writer", thread, input, idempotencyKey: `${++count}` }),
    messages: async () => (await controlPlane.platform.messages({ limit: 1_000 })).messages,
  };
}

describeGateway("promise 9: provider keys at a real gateway", () => {
  test(
    `change twice while ${inFlow} notifications are under way, and none is lost`,
    { timeout: 1_800_000 },
    async ({ gate, synced: t }) => {
      const [first, second, third] = [newKey(), newKey(), newKey()];
      const keyOf = new Map<number, string>();
      const passed = (key: Secret) => gate.calls.filter(({ key: used }) => used === key.reveal()).length;
      /** What was confirmed, and whether the provider had seen that key by then. */
      const confirmed = new Map<number, boolean>();
      const loop = await openLoop(t.gateway, t.keys, () => {
        const generation = t.keys.confirmed();
        if (generation > 0 && !confirmed.has(generation))
          confirmed.set(
            generation,
            gate.calls.some(({ key }) => key === keyOf.get(generation)),
          );
      });
      const rotate = async (key: Secret): Promise<number> => {
        const next = t.syncKeys({ flow: key });
        keyOf.set((await next).proven, key.reveal());
        return (await next).proven;
      };
      const before = await t.upMs();
      const generations = [await rotate(first)];
      for (let n = 0; n < inFlow; n++) await loop.notify(`thread ${n % 10}`, `number ${n}.`);

      await vi.waitFor(async () => expect((await loop.messages()).length).toBeGreaterThan(inFlow / 4), {
        ...patience,
        timeout: 600_000,
      });
      generations.push(await rotate(second));
      // From here on it is proven that the gateway has the new key; what runs already has the old one.
      expect(await t.control.proveSecret("models.providers.custom-flow.apiKey", second)).toBe(true);
      await vi.waitFor(async () => expect((await loop.messages()).length).toBeGreaterThan(inFlow / 2), {
        ...patience,
        timeout: 600_000,
      });
      generations.push(await rotate(third));
      await vi.waitFor(async () => expect(await loop.messages()).toHaveLength(inFlow), {
        ...patience,
        timeout: 600_000,
      });

      const texts = (await loop.messages()).map(({ text }) => /"(number \d+)\."/.exec(text)?.[1]);
      expect(new Set(texts).size).toBe(inFlow);
      expect((await loop.messages()).every(({ repeated }) => !repeated)).toBe(true);
      expect(generations).toEqual([1, 2, 3].map((step) => generations[0]! - 1 + step));
      expect([passed(first), passed(second), passed(third)].every((calls) => calls > 0)).toBe(true);
      // Each key is used after the one before it, and never again once its successor has been in use for a while.
      const order = gate.calls.map(({ key }) =>
        [first, second, third].findIndex((each) => each.reveal() === key),
      );
      expect(order.slice(-5).every((key) => key === 2)).toBe(true);
      expect(t.keys.confirmed()).toBe(generations[2]);
      expect([...confirmed.values()].every(Boolean)).toBe(true);
      expect(t.found("KeysActive")).toMatchObject({ status: "true", reason: "Active" });
      expect(t.found("ProviderAuthorized")).toMatchObject({ status: "true", reason: "Accepted" });
      expect(await t.upMs()).toBeGreaterThan(before);
      console.log(
        `rotation: ${inFlow} delivered, calls by key: ${[first, second, third].map(passed).join(", ")}`,
      );
    },
  );

  test("that cannot be loaded leave the old one active, with the reason", async ({ gate, synced: t }) => {
    const [good, next] = [newKey(), newKey()];
    const ask = async (): Promise<string | undefined> => {
      await t.gateway.client.responses.create({ ...newConversation(), input: "which key?" });
      return gate.calls.at(-1)?.key;
    };
    const { proven } = await t.syncKeys({ unloadable: good });
    expect(await ask()).toBe(good.reveal());

    const twoLines = new Secret(`${next.reveal()}\nsecond line`);
    expect(await t.syncKeys({ unloadable: twoLines })).toMatchObject({ proven });
    expect(t.found("KeysActive")).toMatchObject({ status: "false", reason: "KeyMalformed" });
    expect(await ask()).toBe(good.reveal());

    // A file that others can read, which the gateway refuses.
    const { fs } = t.openConfig();
    const replace = async (path: string, text: string): Promise<void> => {
      await fs.replace(path, text);
      await chmod(path, 0o644);
    };
    const clumsy = t.openKeys({ config: t.openConfig({ fs: { ...fs, replace } }) });
    await t.syncKeys({ unloadable: next }, clumsy);
    expect(t.found("KeysActive")).toMatchObject({ status: "false", reason: "KeyNotLoaded" });
    expect(await ask()).toBe(good.reveal());

    expect(await t.syncKeysAgain()).toEqual({ proven: proven + 2, nextInMs: null });
    expect(t.found("KeysActive")).toMatchObject({ status: "true", reason: "Active" });
    expect(await ask()).toBe(next.reveal());
  });

  test("that their provider refuses never get to the gateway", async ({ gate, synced: t }) => {
    const [good, bad] = [newKey(), newKey()];
    gate.statuses.set(bad.reveal(), 401);
    const careful = t.openKeys({
      probeKey: async ({ key }) => {
        const { status } = await fetch(`${gate.url}/models`, {
          headers: { authorization: `Bearer ${key.reveal()}` },
        });
        return status === 401 ? "refused" : "accepted";
      },
    });
    const { proven } = await t.syncKeys({ refused: good }, careful);
    expect(await t.syncKeys({ refused: bad }, careful)).toMatchObject({ proven });
    expect(t.found("KeysActive")).toMatchObject({ status: "false", reason: "KeyRefused" });
    expect(t.found("ProviderAuthorized")).toMatchObject({ status: "false", reason: "KeyRefused" });
    await t.gateway.client.responses.create({ ...newConversation(), input: "which key?" });
    expect(gate.calls.at(-1)?.key).toBe(good.reveal());
    expect(gate.calls.some(({ key }) => key === bad.reveal())).toBe(false);
  });

  test("that are revoked show within one run; a good one serves after the cool-down", async ({
    gate,
    synced: t,
  }) => {
    const [old, good] = [newKey(), newKey()];
    const keys = t.openKeys();
    const failures: string[] = [];
    const loop = await openLoop(t.gateway, keys, (event) => {
      if (event.type === "failed") failures.push(t.found("ProviderAuthorized")?.status ?? "");
    });
    await t.syncKeys({ revoked: old }, keys);
    await loop.notify("t1", "before");
    await expect.poll(loop.messages, patience).toHaveLength(1);
    expect(t.found("ProviderAuthorized")).toMatchObject({ status: "true" });

    gate.statuses.set(old.reveal(), 401);
    await loop.notify("t1", "after");
    await expect.poll(() => failures.length, patience).toBeGreaterThan(0);
    expect(failures[0]).toBe("false");
    expect(t.found("ProviderAuthorized")).toMatchObject({ status: "false", reason: "KeyRefused" });

    const since = Date.now();
    const { nextInMs } = await t.syncKeys({ revoked: good }, keys);
    expect(nextInMs).toBeLessThanOrEqual(30_000);
    expect(t.found("KeysActive")).toMatchObject({ status: "true", reason: "Active" });
    expect(t.found("ProviderAuthorized")).toMatchObject({ status: "false", reason: "CoolingDown" });
    await expect.poll(loop.messages, patience).toHaveLength(2);
    console.log(`cool-down: the first run on a good key ended ${Date.now() - since} ms after it was active`);
    await expect
      .poll(() => t.found("ProviderAuthorized"), patience)
      .toMatchObject({ status: "true", reason: "Accepted" });
    await expect.poll(() => keys.confirmed(), patience).toBeGreaterThan(1);
  });

  test.for([
    ["anthropic", "/v1/messages"],
    ["openai", "/v1/responses"],
    ["gemini", "/v1/models/gemini-3.1-pro-preview:streamGenerateContent?alt=sse"],
    ["openrouter", "/v1/chat/completions"],
    ["vercel-ai-gateway", "/v1/chat/completions"],
  ])(
    "go to their provider, as it wants them, and nowhere else: %s",
    async ([provider = "", path = ""], { gate, synced: t }) => {
      const key = newKey();
      gate.statuses.set(key.reveal(), 401);
      await t.syncKeys({ [provider]: key });
      const before = gate.calls.length;
      const run = t.gateway.client.responses.create({ ...newConversation(), input: "hello" });
      await expect(run).rejects.toMatchObject({
        code: "ERR_RUN_FAILED",
        gatewayType: "authentication_error",
      });

      expect(gate.calls[before]).toEqual({ key: key.reveal(), status: 401, path });
    },
  );
});
