import { createOpenClawClient } from "@lobstercontrol/openclaw-client";
import { createMockGateway } from "@lobstercontrol/openclaw-client/testing";
import { createSqliteControlPlane } from "@lobstercontrol/sqlite";
import { onTestFinished, expect, it } from "vitest";
import { createRuntime } from "./runtime.ts";

/** A runtime whose runs end when they are let. */
async function openRuntime() {
  const ends: (() => void)[] = [];
  const gateway = createMockGateway({
    agents: ["writer"],
    reply: () => new Promise((resolve) => ends.push(() => resolve({ text: "done" }))),
  });
  const controlPlane = createSqliteControlPlane({ path: ":memory:" });
  await controlPlane.platform.upsertAccount({ account: "acme" });
  await controlPlane.platform.upsertAgent({ account: "acme", agent: "writer" });
  const admin = controlPlane.admin({ id: "u" }, "acme");
  const { token } = await admin.issueServiceToken();
  const runtime = createRuntime({
    port: controlPlane.runtime(token),
    client: createOpenClawClient({
      baseUrl: "http://gateway.test",
      token: gateway.token,
      fetch: gateway.fetch,
    }),
    pollMs: 10,
  });
  onTestFinished(async () => {
    for (const end of ends) end();
    await runtime.stop();
    controlPlane.close();
  });
  runtime.start();
  return {
    runtime,
    ends,
    notify: (input: string) =>
      controlPlane.platform.notify({
        account: "acme",
        agent: "writer",
        thread: input,
        input,
        idempotencyKey: input,
      }),
    states: async () => (await admin.notifications()).items.map(({ state }) => state).toReversed(),
  };
}

it("a paused runtime finishes what runs, claims nothing, and goes on when it is resumed", async () => {
  const { runtime, ends, notify, states } = await openRuntime();
  await notify("one");
  await expect.poll(() => ends.length).toBe(1);
  expect(runtime.running()).toBe(1);

  let isIdle = false;
  const idle = runtime.pause().then(() => (isIdle = true));
  await notify("two");
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect([isIdle, await states()]).toEqual([false, ["leased", "pending"]]);

  ends[0]?.();
  await idle;
  expect([runtime.running(), await states()]).toEqual([0, ["delivered", "pending"]]);

  runtime.resume();
  await expect.poll(() => ends.length).toBe(2);
});

it("promise 13: a paused runtime stops at once", async () => {
  const { runtime } = await openRuntime();
  await runtime.pause();
  await runtime.stop();
  expect(await runtime.finished).toEqual({ error: null });
});
