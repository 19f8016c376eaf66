import type {
  AgentSlug,
  Claim,
  LeaseId,
  NotificationId,
  ProviderKeySet,
  SessionKey,
  ThreadId,
} from "@lobstercontrol/core";
import { Secret, type ProbeVerdict } from "@lobstercontrol/core";
import { chmod, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { inspect } from "node:util";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { RuntimeEvent } from "../events.ts";
import { nodeFiles } from "../gateway-config/files.ts";
import { filesUntil, keyOf, openTestGateway } from "../gateway-config/test-gateway.ts";
import { createKeysSync, type KeysSyncOptions } from "./create-keys-sync.ts";

const mine = { baseUrl: "http://127.0.0.1:9/v1", model: "demo" };
const providers = { mine, other: { ...mine, model: "other" } };

/** A gateway, and a control plane whose keys a test changes. */
async function open(keys: Record<string, Secret>, over: Partial<KeysSyncOptions> = {}) {
  const gateway = await openTestGateway({ providers });
  const listed = (from: Record<string, Secret>) =>
    Object.entries(from).map(([provider, key]) => ({ provider, key }));
  const stored: ProviderKeySet = { generation: 1, keys: listed(keys) };
  const asked = { times: 0 };
  const port = {
    async providerKeys() {
      asked.times += 1;
      return stored;
    },
  };
  const lines: unknown[] = [];
  const log = (...line: unknown[]): unknown => lines.push(line);
  const logger = { debug: log, info: log, warn: log, error: log };
  const make = (config = gateway.openConfig({ logger })) =>
    createKeysSync({ ...gateway, port, config, logger, random: () => 0.5, ...over });
  const first = make();
  let count = 0;
  return {
    ...gateway,
    asked,
    lines,
    make,
    first,
    set: (changed: Record<string, Secret>): void =>
      void Object.assign(stored, { generation: stored.generation + 1, keys: listed(changed) }),
    sync: (sync = first, force = false) =>
      sync.sync({ wanted: stored.generation, force, signal: new AbortController().signal }),
    secretFile: (name: string) => join(gateway.files.secretsDir, name),
    /** A run of an agent, from its beginning on. */
    begin(agent = "writer") {
      const claim = claimOf(agent, ++count);
      const tell = (event: RuntimeEvent): void => first.onEvent(event);
      tell({ type: "began", claim });
      return {
        succeed: () =>
          tell({
            type: "delivered",
            claim,
            outcome: { kind: "reply", text: "hi", responseId: null },
            message: "posted",
            tookMs: 1,
          }),
        fail: (gatewayType: string, code = "ERR_RUN_FAILED") =>
          tell({
            type: "failed",
            claim,
            gatewayType,
            failure: {
              outcome: "ran",
              reason: { code, message: "no" },
              retryable: true,
              countsAttempt: true,
            },
            next: "retry",
          }),
      };
    },
  };
}

function claimOf(agent: string, number: number): Claim {
  return {
    lease: { notification: `ntf_${number}` as NotificationId, id: `lse_${number}` as LeaseId },
    agent: agent as AgentSlug,
    thread: "t1" as ThreadId,
    sessionKey: "k" as SessionKey,
    input: "hello",
    instructions: null,
    attempt: 1,
    maxAttempts: 3,
    repeated: false,
    previous: null,
  };
}

const one = keyOf("one");
const two = keyOf("two");
const refusing =
  (bad: Secret) =>
  async ({ key }: { key: Secret }): Promise<ProbeVerdict> =>
    key.reveal() === bad.reveal() ? "refused" : "unknown";

describe("promise 9: a rotation of provider keys", () => {
  it("writes secret files of its own, has them loaded, and proves it", async () => {
    const t = await open({ mine: one });

    expect(await t.sync()).toEqual({ proven: 1, nextInMs: null });
    expect(t.key("mine")).toBe(one.reveal());
    expect((await stat(t.secretFile("mine.key"))).mode & 0o777).toBe(0o600);
    expect((await stat(t.files.secretsDir)).mode & 0o777).toBe(0o700);
    expect(t.found("KeysActive")).toMatchObject({ status: "true", reason: "Active" });
    expect(t.found("ProviderAuthorized")).toMatchObject({ status: "unknown", reason: "NotTried" });

    t.set({ mine: two });
    expect(await t.sync()).toEqual({ proven: 2, nextInMs: null });
    expect(t.key("mine")).toBe(two.reveal());
  });

  it("reveals the keys once for each generation", async () => {
    const t = await open({ mine: one });
    await t.sync();
    await t.sync();
    expect(t.asked.times).toBe(1);
  });

  it("takes a provider out of the configuration first, and its file afterwards", async () => {
    const t = await open({ mine: one, other: two });
    await t.sync();
    t.set({ other: two });
    await t.sync();
    expect(t.key("mine")).toBeUndefined();
    expect(await readdir(t.files.secretsDir)).toEqual(["other.key"]);
    expect(t.live().models.providers).not.toHaveProperty("custom-mine");
  });

  it.each([
    ["two lines", "one\ntwo", "has more than one line"],
    ["nothing", "", "is empty"],
    ["a space", "sk canary", "has white space"],
    ["an invisible character", "sk-can\u200bary", "has white space or control characters"],
    ["a novel", "x".repeat(9_000), "is too long"],
  ])("leaves the old key active when the new one is %s", async (_, value, problem) => {
    const t = await open({ mine: one });
    await t.sync();
    t.set({ mine: new Secret(value) });

    expect(await t.sync()).toEqual({ proven: 1, nextInMs: 300_000, failed: true });
    expect(t.found("KeysActive")).toMatchObject({ status: "false", reason: "KeyMalformed" });
    expect(t.found("KeysActive")?.message).toContain(problem);
    expect(t.key("mine")).toBe(one.reveal());
    await t.restart();
    expect(t.key("mine")).toBe(one.reveal());
  });

  it("tells that a try has failed, whatever was proven before, and while it waits for the next", async () => {
    const t = await open({ mine: one });
    await t.sync();
    t.control.isDown = true;
    expect(await t.sync(undefined, true)).toEqual({ proven: 1, nextInMs: 2_000, failed: true });
    expect(await t.sync()).toMatchObject({ proven: 1, failed: true });
    t.control.isDown = false;
    expect(await t.sync(undefined, true)).toEqual({ proven: 1, nextInMs: null });
  });

  it("promise 11: tells of many bad keys in sentences that fit into a report", async () => {
    const names = Array.from({ length: 40 }, (_, index) => `provider-${index}`);
    const t = await open(Object.fromEntries(names.map((name) => [name, two])), { probeKey: refusing(two) });
    await t.sync();
    expect(t.found("KeysActive")?.message).toMatch(/^Nobody told .+ And 37 more\.$/);
    t.set({ mine: new Secret(""), other: two });
    await t.sync();
    expect(t.found("KeysActive")?.message).not.toContain("more");
  });

  it("leaves the old key active when the gateway cannot load the new one, and mends the file later", async () => {
    const t = await open({ mine: one });
    await t.sync();
    t.set({ mine: two });
    const clumsy = {
      ...nodeFiles,
      async replace(path: string, text: string): Promise<void> {
        await nodeFiles.replace(path, text);
        if (path.endsWith(".key")) await chmod(path, 0o644);
      },
    };
    expect(await t.sync(t.make(t.openConfig({ fs: clumsy })))).toMatchObject({ proven: 0 });
    expect(t.found("KeysActive")).toMatchObject({ status: "false", reason: "KeyNotLoaded" });
    expect(t.found("KeysActive")?.message).toContain("it warns of 1 that it cannot load");
    expect(t.key("mine")).toBe(one.reveal());

    expect(await t.sync()).toMatchObject({ proven: 2 });
    expect(t.key("mine")).toBe(two.reveal());
    expect(t.found("KeysActive")).toMatchObject({ status: "true" });
  });

  it("is not active while the gateway warns, even if the value is right", async () => {
    const t = await open({ mine: one });
    const control = { ...t.control, reloadSecrets: async () => ({ warnings: 1 }) };
    const sync = createKeysSync({
      ...t,
      port: { providerKeys: async () => ({ generation: 1, keys: [{ provider: "mine", key: one }] }) },
      control,
      config: t.openConfig(),
    });
    expect(await t.sync(sync)).toMatchObject({ proven: 0 });
    expect(t.found("KeysActive")).toMatchObject({ status: "false", reason: "KeyNotLoaded" });
  });

  it("is not active on the word of a reload alone", async () => {
    const t = await open({ mine: one });
    await t.sync();
    t.set({ mine: two });
    t.control.reloadSecrets = async () => ({ warnings: 0 });
    expect(await t.sync()).toMatchObject({ proven: 1 });
    expect(t.found("KeysActive")).toMatchObject({ status: "false", reason: "KeyNotLoaded" });
    t.begin().succeed();
    expect(t.first.confirmed()).toBe(0);
  });

  it("never activates a key that its provider refuses", async () => {
    const t = await open({ mine: one, other: one }, { probeKey: refusing(two) });
    await t.sync();
    t.set({ mine: two, other: keyOf("three") });

    expect(await t.sync()).toEqual({ proven: 1, nextInMs: 300_000, failed: true });
    expect(t.key("mine")).toBe(one.reveal());
    expect(await readFile(t.secretFile("mine.key"), "utf8")).toBe(one.reveal());
    // The others do not wait for it.
    expect(t.key("other")).toBe(keyOf("three").reveal());
    expect(t.found("KeysActive")).toMatchObject({ status: "false", reason: "KeyRefused" });
    expect(t.found("ProviderAuthorized")).toMatchObject({ status: "false", reason: "KeyRefused" });
    // A run on the old key does not hide it.
    t.begin().succeed();
    expect(t.found("ProviderAuthorized")).toMatchObject({ status: "false", reason: "KeyRefused" });

    t.set({ mine: keyOf("good"), other: keyOf("three") });
    expect(await t.sync()).toMatchObject({ proven: 3 });
    expect(t.found("ProviderAuthorized")).not.toMatchObject({ status: "false" });
  });

  it("does not show a key for a proxy to the provider whose name it has", async () => {
    const t = await open({ mine: one });
    const shown: string[] = [];
    const fetch = async (url: string | URL | Request): Promise<Response> => {
      shown.push(new Request(url).url);
      return new Response();
    };
    const base = { port: 1, providers: { openai: { baseUrl: "http://127.0.0.1:9/v1" } } };
    const keys = [
      { provider: "openai", key: one },
      { provider: "anthropic", key: two },
    ];
    const port = { providerKeys: async () => ({ generation: 1, keys }) };
    await t.sync(createKeysSync({ ...t, port, config: t.openConfig({ base }), fetch }));
    expect(shown).toEqual([expect.stringContaining("api.anthropic.com")]);
  });

  it("is confirmed by the first run that began on the new key and ended well", async () => {
    const t = await open({ mine: one });
    await t.sync();
    expect(t.first.confirmed()).toBe(0);
    t.begin().succeed();
    expect(t.first.confirmed()).toBe(1);

    const before = t.begin();
    t.set({ mine: two });
    await t.sync();
    before.succeed();
    expect(t.first.confirmed()).toBe(1);
    t.begin().fail("api_error");
    expect(t.first.confirmed()).toBe(1);
    t.begin().succeed();
    expect(t.first.confirmed()).toBe(2);
    expect(t.found("ProviderAuthorized")).toMatchObject({ status: "true", reason: "Accepted" });
  });

  it("is not confirmed by runs of another provider", async () => {
    const t = await open({ mine: one, other: two });
    await t.sync();
    t.begin().succeed();
    expect(t.first.confirmed()).toBe(0);
  });

  it("is not confirmed by a reply that was found in a session", async () => {
    const t = await open({ mine: one });
    await t.sync();
    const run = t.begin();
    run.fail("", "ERR_CONNECTION_CUT");
    run.succeed();
    expect(t.first.confirmed()).toBe(0);
  });

  it("serves the operator's keys when the account has none, and warns once", async () => {
    const t = await open({}, { fallbackKeys: [{ provider: "mine", key: one }] });
    await t.sync();
    await t.sync(t.first, true);
    expect(t.key("mine")).toBe(one.reveal());
    expect(t.found("KeysActive")).toMatchObject({ status: "true", reason: "FallbackKeys" });
    expect(inspect(t.lines, { depth: 9 }).match(/operator's own serve/g)).toHaveLength(1);

    t.set({ mine: two });
    await t.sync();
    expect(t.key("mine")).toBe(two.reveal());
    expect(t.found("KeysActive")).toMatchObject({ reason: "Active" });
  });

  it("says which provider nobody told the address of, and brings the others", async () => {
    const t = await open({ mine: one, strange: two });
    expect(await t.sync()).toMatchObject({ proven: 0 });
    expect(t.key("mine")).toBe(one.reveal());
    expect(t.found("KeysActive")).toMatchObject({ status: "false", reason: "ProviderUnknown" });
    expect(t.found("KeysActive")?.message).toContain("strange");
  });

  it("does not wait with a changed key for a configuration that the gateway refuses", async () => {
    const t = await open({ mine: one });
    await t.sync();
    t.control.refuses = () => true;
    t.set({ mine: two, other: one });
    expect(await t.sync()).toMatchObject({ proven: 1 });
    expect(t.found("KeysActive")).toMatchObject({ status: "false", reason: "ConfigRefused" });
    expect(t.key("mine")).toBe(two.reveal());
  });

  it("does not know what a gateway holds that cannot be asked", async () => {
    const t = await open({ mine: one });
    t.control.isDown = true;
    expect(await t.sync()).toEqual({ proven: 0, nextInMs: 2_000, failed: true });
    expect(t.found("KeysActive")).toMatchObject({ status: "unknown", reason: "GatewayUnreachable" });
  });

  it("takes no key away when it starts and the control plane cannot be asked", async () => {
    const t = await open({ mine: one });
    await t.sync();
    const port = { providerKeys: () => Promise.reject(new Error("no")) };
    await t.sync(createKeysSync({ ...t, port, config: t.openConfig() }));
    expect(t.key("mine")).toBe(one.reveal());
    expect(t.found("KeysActive")).toMatchObject({ status: "unknown", reason: "ControlPlaneUnreachable" });
  });

  it("can be killed at any step: the gateway works with good keys, and the next sync ends it", async () => {
    for (let n = 0; ; n++) {
      const t = await open({ mine: one, anthropic: one }, { probeKey: null });
      await t.sync();
      t.set({ mine: two, other: two });
      const { proven } = await t.sync(t.make(t.openConfig({ fs: filesUntil(n) })));
      expect([one.reveal(), two.reveal()]).toContain(t.key("mine"));
      await t.restart();
      expect([one.reveal(), two.reveal()]).toContain(t.key("mine"));
      for (const provider of Object.keys(t.live().secrets.providers))
        expect(t.key(provider.replace("lobster-", ""))).toBeDefined();

      expect(await t.sync(t.make())).toMatchObject({ proven: 2 });
      expect([t.key("mine"), t.key("other"), t.key("anthropic")]).toEqual([
        two.reveal(),
        two.reveal(),
        undefined,
      ]);
      expect((await readdir(t.files.secretsDir)).toSorted()).toEqual(["mine.key", "other.key"]);
      if (proven === 2) return expect(n).toBeGreaterThan(4);
    }
  });

  it("removes what a crash left unfinished: it holds a key", async () => {
    const t = await open({ mine: one });
    await t.sync();
    await writeFile(t.secretFile(`.mine.key.${crypto.randomUUID()}.new`), two.reveal());
    await t.sync(t.first, true);
    expect(await readdir(t.files.secretsDir)).toEqual(["mine.key"]);
  });

  it("promise 8: no key is in a log line, a condition, or the configuration", async () => {
    const bad = new Secret(`${keyOf("bad").reveal()}\nsecond`);
    const t = await open(
      { mine: one, other: bad, [keyOf("name").reveal()]: two },
      { probeKey: refusing(one) },
    );
    await t.sync();
    t.set({ mine: two, other: bad });
    await t.sync();
    t.control.refuses = () => true;
    await t.sync(t.make(t.openConfig({ fs: filesUntil(0) })), true);
    await t.sync(t.first, true);
    t.begin().fail("authentication_error");
    const shown = inspect([t.lines, t.conditions.list(), await t.sync()], { depth: 9 });
    const config = await readFile(t.files.configPath, "utf8");
    expect(shown).toContain("KeyMalformed");
    expect(shown + config).not.toContain("canary");
  });
});

describe("ProviderAuthorized", () => {
  it("is false within one run after a key was revoked, and true after a good one and the cool-down", async () => {
    const t = await open({ mine: one });
    await t.sync();
    t.begin().succeed();
    t.begin().fail("authentication_error");
    expect(t.found("ProviderAuthorized")).toMatchObject({ status: "false", reason: "KeyRefused" });
    // What the gateway says while it does not even ask.
    t.begin().fail("api_error");
    expect(t.found("ProviderAuthorized")).toMatchObject({ status: "false", reason: "KeyRefused" });

    t.set({ mine: two });
    t.clock.advance(10_000);
    expect(await t.sync()).toEqual({ proven: 2, nextInMs: 20_000 });
    expect(t.found("ProviderAuthorized")).toMatchObject({ status: "false", reason: "CoolingDown" });
    expect(t.found("ProviderAuthorized")?.message).toContain("about 20 s");
    t.clock.advance(20_000);
    expect(await t.sync()).toEqual({ proven: 2, nextInMs: null });
    expect(t.found("ProviderAuthorized")).toMatchObject({ status: "unknown", reason: "AwaitingRun" });
    t.begin().succeed();
    expect(t.found("ProviderAuthorized")).toMatchObject({ status: "true", reason: "Accepted" });
  });

  it.each([
    [1, "about 30 s"],
    [2, "about 60 s"],
    [3, "about 5 min"],
    [4, "about 5 min"],
  ])("knows how long the gateway waits after %d refusals", async (times, wait) => {
    const t = await open({ mine: one });
    await t.sync();
    for (let n = 0; n < times; n++) t.begin().fail("authentication_error");
    expect(t.found("ProviderAuthorized")?.message).toContain(wait);
  });

  it("tells a provider that wants to be paid", async () => {
    const t = await open({ mine: one });
    await t.sync();
    t.begin().fail("insufficient_quota");
    expect(t.found("ProviderAuthorized")).toMatchObject({ status: "false", reason: "NoCredit" });
    expect(t.found("ProviderAuthorized")?.message).toContain("about 10 min");
    t.set({ mine: two });
    await t.sync();
    expect(t.found("ProviderAuthorized")).toMatchObject({ status: "false", reason: "CoolingDown" });
  });

  it("is not about the gateway's own 401", async () => {
    const t = await open({ mine: one });
    await t.sync();
    t.begin().fail("unauthorized", "ERR_GATEWAY_UNAUTHORIZED");
    t.begin().fail("authentication_error", "ERR_GATEWAY_UNAUTHORIZED");
    expect(t.found("ProviderAuthorized")).toMatchObject({ status: "unknown", reason: "NotTried" });
  });

  it("is not made true by a run that began before the key was refused", async () => {
    const t = await open({ mine: one });
    await t.sync();
    const early = t.begin();
    t.begin().fail("authentication_error");
    early.succeed();
    expect(t.found("ProviderAuthorized")).toMatchObject({ status: "false" });
    t.begin().succeed();
    expect(t.found("ProviderAuthorized")).toMatchObject({ status: "true" });
  });

  it("goes by agent, as the gateway's cool-down does", async () => {
    const t = await open({ mine: one });
    await t.sync();
    t.begin("writer").fail("authentication_error");
    t.begin("reviewer").fail("authentication_error");
    t.set({ mine: two });
    await t.sync();
    t.clock.advance(10_000);
    t.begin("reviewer").succeed();
    expect(t.found("ProviderAuthorized")).toMatchObject({ status: "false", reason: "CoolingDown" });
    t.clock.advance(20_000);
    await t.sync();
    expect(t.found("ProviderAuthorized")).toMatchObject({ status: "true" });
  });
});
