/**
 * All of it on Convex: the example backend behind Convex's own clients, `lobster-runtime` as a program, a real gateway. It is no
 * Convex deployment: convex-test serves the functions.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Secret } from "@lobstercontrol/core";
import { expect, onTestFinished, vi } from "vitest";
import { api } from "../../examples/convex-app/convex/_generated/api.js";
import { openExampleBackend } from "../wire/example-backend.ts";
import { describeGateway } from "./fixture.ts";
import { newKey } from "./key-gate.ts";
import { provider, test as base } from "./program.ts";

const account = "acme";
const { admin } = api.lobster;
const patience = { timeout: 120_000, interval: 50 };
const [first, second, third] = [newKey(), newKey(), newKey()];

/** One of everything for all tests, since its start is what takes long. What a test sees is what pages are shown. */
const test = base.extend("world", { scope: "file" }, async ({ startBeside }, { onCleanup }) => {
  const backend = await openExampleBackend();
  onCleanup(() => backend.close());
  const bea = backend.as("bea");
  const upsertKey = (key: Secret) =>
    bea.action(admin.upsertProviderKey, { account, provider, key: key.reveal() });
  await upsertKey(first);
  const { token } = await bea.action(admin.issueServiceToken, { account });
  // What there is to deliver it hears of by wake-ups, or never.
  const pollMs = 10 * 60_000;
  const program = startBeside({
    CONVEX_URL: backend.url,
    SERVICE_TOKEN: token,
    POLL_MS: String(pollMs),
    REPORT_MS: "6000",
    PROBE_MS: "2000",
  });
  const keys = backend.watch("bea", admin.listProviderKeys, { account });
  const runtimes = backend.watch("bea", admin.runtime, { account });

  return {
    program,
    bea,
    serviceToken: new Secret(token),
    upsertKey,
    /** The states of the keys, update by update. */
    keyStates: () => keys.map(([key]) => key?.state),
    keyState: () => keys.at(-1)?.[0]?.state,
    /** The status of the runtime, and what one of its conditions gives for a reason. */
    runtime(type: string) {
      const { status, conditions } = runtimes.at(-1) ?? {};
      return [status, conditions?.find((each) => each.type === type)?.reason];
    },
    /** Says something in a thread of its own; what that thread's page is shown, update by update. */
    async say(text: string) {
      const thread = await bea.mutation(api.threads.start, { account, title: text });
      const shown = backend.watch("bea", api.threads.list, { account, thread });
      await vi.waitUntil(() => shown.length === 1, patience);
      await bea.mutation(api.threads.say, { account, thread, text });
      return shown;
    },
  };
});

/** Waits of 1 s, 2 s, 4 s and so on between attempts: with chance in them, now and then all would be used up too early. */
function withoutJitter(): void {
  const random = vi.spyOn(Math, "random").mockReturnValue(0.5);
  onTestFinished(() => random.mockRestore());
}

describeGateway("lobster-runtime and a real gateway, with the example backend on Convex", () => {
  test("show the reply to what a mutation said as an update of a query", async ({ world }) => {
    // It has looked for work by now, and found none: what comes is told by a wake-up.
    await expect.poll(() => world.runtime("KeysActive"), patience).toEqual(["online", "Active"]);
    const shown = await world.say("@writer a title, please");
    const said = { from: "Bea", text: "@writer a title, please" };
    const reply = { from: "writer", text: expect.stringContaining('"Bea wrote: @writer a title, please"') };
    await expect.poll(() => shown.at(-1), patience).toEqual([said, reply]);
    expect(shown).toEqual([[], [said], [said, reply]]);
    await expect.poll(() => world.runtime("ProviderAuthorized"), patience).toEqual(["online", "Accepted"]);
  });

  test("tell the agent that a reply names, and show its reply in the same thread", async ({
    world,
    models,
  }) => {
    models.sayNext("writer", '"Meet your lobster". @reviewer, is it clear?');
    const shown = await world.say("@writer a title, and have it looked at");
    await expect.poll(() => shown.at(-1), patience).toHaveLength(3);
    expect(shown.at(-1)).toMatchObject([
      { from: "Bea" },
      { from: "writer", text: '"Meet your lobster". @reviewer, is it clear?' },
      { from: "reviewer", text: expect.stringContaining('I have read "') },
    ]);
    // The reviewer was told what the writer wrote, and what was said before.
    expect(models.calls.at(-1)).toMatchObject({ agent: "reviewer" });
    expect(models.calls.at(-1)?.text).toContain('writer wrote: "Meet your lobster". @reviewer, is it clear?');
    expect(models.calls.at(-1)?.text).toContain("> Bea: @writer a title, and have it looked at");
  });

  test("promise 9: rotate a provider key: active once the gateway proves it, confirmed once a run used it", async ({
    world: { say, upsertKey, keyState, keyStates, runtime },
    gate,
    models,
    synced: { gateway, control, files },
  }) => {
    onTestFinished(() => models.release());
    const used = (key: Secret) => gate.calls.filter((call) => call.key === key.reveal()).length;
    await expect.poll(keyState, patience).toBe("confirmed");
    const before = keyStates().length;
    const asked = () => models.calls.at(-1)?.text;
    const early = await say("@writer HANG until the key is another");
    await expect.poll(asked, patience).toContain("HANG until the key is another");

    // A gateway that hangs proves nothing, though the key is on its disk.
    process.kill(gateway.pid, "SIGSTOP");
    onTestFinished(() => void process.kill(gateway.pid, "SIGCONT"));
    await upsertKey(second);
    const onDisk = () => readFile(join(files.secretsDir, `${provider}.key`), "utf8");
    await expect.poll(onDisk, patience).toBe(second.reveal());
    await expect.poll(() => runtime("GatewayReachable"), patience).toEqual(["error", "NoAnswer"]);
    expect(keyState()).toBe("stored");
    process.kill(gateway.pid, "SIGCONT");
    await expect.poll(keyState, patience).toBe("active");
    expect(await control.proveSecret(`models.providers.custom-${provider}.apiKey`, second)).toBe(true);
    expect(used(second)).toBe(0);

    // The run that began on the old key ends well, and says nothing about the new one.
    models.release();
    await expect.poll(() => early.at(-1), patience).toHaveLength(2);
    const next = await say("@writer HANG on the new key");
    await expect.poll(asked, patience).toContain("HANG on the new key");
    expect([used(second), keyState()]).toEqual([1, "active"]);
    models.release();
    await expect.poll(() => next.at(-1), patience).toHaveLength(2);
    await expect.poll(keyState, patience).toBe("confirmed");
    expect(keyStates().slice(before)).toEqual(["stored", "active", "confirmed"]);

    const old = used(first);
    const last = await say("@reviewer a look, please");
    await expect.poll(() => last.at(-1), patience).toHaveLength(2);
    expect([used(first), used(second)]).toEqual([old, 2]);
  });

  test("promises 1 and 11: are degraded while the provider refuses a key, in error while the gateway is dead, and online again", async ({
    world: { bea, say, upsertKey, keyState, runtime },
    gate,
    synced,
  }) => {
    withoutJitter();
    await expect.poll(() => runtime("ProviderAuthorized"), patience).toEqual(["online", "Accepted"]);
    gate.statuses.set(second.reveal(), 401);
    await say("@writer are you there?");
    await expect.poll(() => runtime("ProviderAuthorized"), patience).toEqual(["degraded", "KeyRefused"]);
    const refused = gate.calls.length;

    // The gateway does not ask a provider that has refused a key for half a minute.
    await upsertKey(third);
    await expect.poll(keyState, patience).toBe("active");
    await expect.poll(() => runtime("ProviderAuthorized"), patience).toEqual(["degraded", "CoolingDown"]);

    synced.gateway.kill();
    await expect.poll(() => runtime("GatewayReachable"), patience).toEqual(["error", "NoAnswer"]);
    await synced.startAgain();
    await expect.poll(() => runtime("GatewayReachable"), patience).toEqual(["online", "Ready"]);

    const next = await say("@writer and now?");
    await expect.poll(() => next.at(-1), patience).toHaveLength(2);
    await expect.poll(() => runtime("ProviderAuthorized"), patience).toEqual(["online", "Accepted"]);
    await expect.poll(keyState, patience).toBe("confirmed");
    // What was said first waits for its next attempt, or was answered by now.
    expect((await bea.query(admin.deadLetters, { account })).items).toEqual([]);
    expect(new Set(gate.calls.slice(refused).map(({ key }) => key))).toEqual(new Set([third.reveal()]));
  });

  test("promises 8 and 13: end when they are asked to, and have written no secret", async ({
    world: { program, serviceToken, runtime },
    synced: { gateway },
  }) => {
    program.kill("SIGTERM");
    expect(await program.exited).toBe(0);
    await expect.poll(() => runtime("Heard"), patience).toEqual(["offline", "Stopped"]);
    for (const secret of [first, second, third, serviceToken, gateway.token])
      expect(program.output()).not.toContain(secret.reveal());
  });
});
