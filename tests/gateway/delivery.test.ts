import { createRuntime, type RuntimeEvent, type RuntimeOptions } from "@lobstercontrol/runtime";
import { createSqliteControlPlane } from "@lobstercontrol/sqlite";
import { createOpenClawClient } from "@lobstercontrol/openclaw-client";
import { expect, onTestFinished } from "vitest";
import { describeGateway, startTestGateway, test, type TestGateway } from "./fixture.ts";

let count = 0;
const patience = { timeout: 60_000 };

/** A control plane in memory and a runtime on it that delivers to the gateway. */
async function openLoop(gateway: Pick<TestGateway, "client">, over: Partial<RuntimeOptions> = {}) {
  // Accounts of their own: the gateway and its sessions are shared with the other tests.
  const account = `Loop-${++count}`;
  const backoff = { baseMs: 500, capMs: 1_000 };
  const controlPlane = createSqliteControlPlane({ path: ":memory:", maxAttempts: 3, backoff });
  await controlPlane.platform.upsertAccount({ account });
  for (const agent of ["writer", "reviewer"]) await controlPlane.platform.upsertAgent({ account, agent });
  const admin = controlPlane.admin({ id: "user-1" }, account);
  const events: RuntimeEvent[] = [];
  const runtime = createRuntime({
    port: controlPlane.runtime((await admin.issueServiceToken()).token),
    client: gateway.client,
    onEvent: (event) => events.push(event),
    ...over,
  });
  onTestFinished(async () => {
    await runtime.stop({ graceMs: 2_000 });
    controlPlane.close();
  });
  runtime.start();
  return {
    events,
    runtime,
    admin,
    notify: (thread: string, input: string, agent = "writer") =>
      controlPlane.platform.notify({ account, agent, thread, input, idempotencyKey: `${++count}` }),
    messages: async () => (await controlPlane.platform.messages()).messages,
  };
}

describeGateway("notifications through a real gateway", () => {
  test("the reply of each agent stands in its thread, and a thread remembers", async ({ gateway }) => {
    const loop = await openLoop(gateway);
    await loop.notify("t1", "the first");
    await loop.notify("t1", "the second");
    await loop.notify("t1", "the third", "reviewer");
    await expect.poll(loop.messages, patience).toHaveLength(3);

    const said = await loop.messages();
    const byWriter = said.filter(({ agent }) => agent === "writer").map(({ text }) => text);
    expect(byWriter[0]).toContain("This is the first message of our conversation.");
    expect(byWriter[1]).toContain('This is message 2 of our conversation; it began with "the first"');
    expect(said.find(({ agent }) => agent === "reviewer")?.text).toContain('I have read "the third"');
  });

  test("promise 4: one session key in order, with the retry in its place, others meanwhile", async ({
    gateway,
    models,
  }) => {
    const loop = await openLoop(gateway);
    const before = models.calls.length;
    await loop.notify("slow", "FAILONCE=500 one");
    for (const input of ["two", "three"]) await loop.notify("slow", input);
    await loop.notify("quick", "beside it");
    await expect.poll(loop.messages, patience).toHaveLength(4);

    const slow = (await loop.messages()).filter(({ thread }) => thread === "slow");
    expect(slow.map(({ text }) => /"(FAILONCE=500 one|two|three)":/.exec(text)?.[1])).toEqual([
      "FAILONCE=500 one",
      "two",
      "three",
    ]);
    expect(slow.map(({ repeated }) => repeated)).toEqual([true, false, false]);
    const calls = models.calls.slice(before).map(({ text }) => text);
    expect(calls.filter((text) => text !== "beside it")).toEqual([
      "FAILONCE=500 one",
      "FAILONCE=500 one",
      "two",
      "three",
    ]);
  });

  test("promise 5 without control: a run that timed out is repeated, and says so", async ({
    gateway,
    models,
  }) => {
    const loop = await openLoop(gateway, { runTimeoutMs: 5_000 });
    await loop.notify("warm", "so that the session's first turn is not what takes long");
    await expect.poll(loop.messages, patience).toHaveLength(1);
    const id = await loop.notify("t1", "HANG please");
    await expect
      .poll(() => loop.events.find(({ type }) => type === "failed"), patience)
      .toMatchObject({
        failure: { outcome: "maybeRan", reason: { code: "ERR_RUN_TIMEOUT" }, countsAttempt: true },
      });
    expect(
      (await loop.admin.notifications()).items.find((notification) => notification.id === id),
    ).toMatchObject({
      attempt: { outcome: "maybeRan" },
    });
    // The gateway stops the run as soon as it sees that the client has gone, which takes it a moment.
    await expect
      .poll(() => models.calls.find(({ text }) => text.includes("HANG please")), patience)
      .toMatchObject({ aborted: true });
    await expect
      .poll(() => loop.events.findLast(({ type }) => type === "began"), patience)
      .toMatchObject({
        claim: { repeated: true, attempt: 2 },
      });
  });

  test("silence is an outcome and no message", async ({ gateway }) => {
    const loop = await openLoop(gateway);
    await loop.notify("t1", "SAY=HEARTBEAT_OK");
    await expect.poll(() => loop.events.map(({ type }) => type), patience).toContain("delivered");
    expect(loop.events.find(({ type }) => type === "delivered")).toMatchObject({
      outcome: { kind: "heartbeatOk" },
      message: "none",
    });
    expect(await loop.messages()).toEqual([]);
  });

  test("promise 1: a wrong token costs no attempt, and nothing is lost", async ({ gateway }) => {
    const stranger = createOpenClawClient({ baseUrl: gateway.url, token: "wrong" });
    const loop = await openLoop({ client: stranger });
    const id = await loop.notify("t1", "hello");
    await expect
      .poll(() => loop.events.filter(({ type }) => type === "failed").length, patience)
      .toBeGreaterThan(4);
    const notification = (await loop.admin.notifications()).items.find((each) => each.id === id);
    expect(notification).toMatchObject({
      attempts: expect.any(Number),
      lastError: { code: "ERR_GATEWAY_UNAUTHORIZED" },
    });
    expect(notification!.attempts).toBeLessThanOrEqual(1);
    expect(notification!.state).not.toBe("dead");
  });

  test("promise 1: a gateway that goes away and comes back gets everything, in order", async ({ models }) => {
    const first = await startTestGateway(models);
    onTestFinished(() => first.stop());
    const loop = await openLoop(first);
    await loop.notify("t1", "before");
    await expect.poll(loop.messages, patience).toHaveLength(1);
    first.kill();
    await first.ended;
    for (const input of ["during 1", "during 2"]) await loop.notify("t1", input);
    await expect
      .poll(() => loop.events.findLast(({ type }) => type === "failed"), patience)
      .toMatchObject({
        failure: { outcome: "notSent", countsAttempt: false },
      });
    const port = Number(new URL(first.url).port);
    const second = await startTestGateway(models, { port, token: first.token });
    onTestFinished(() => second.stop());
    await expect.poll(loop.messages, patience).toHaveLength(3);
    expect((await loop.messages()).map(({ text }) => /"(before|during \d)"/.exec(text)?.[1])).toEqual([
      "before",
      "during 1",
      "during 2",
    ]);
    expect((await loop.messages()).every(({ repeated }) => !repeated)).toBe(true);
  });
});
