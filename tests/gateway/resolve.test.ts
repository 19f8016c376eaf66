import { createOpenClawClient } from "@lobstercontrol/openclaw-client";
import { createGatewayControl } from "@lobstercontrol/openclaw-client/control";
import { createRuntime, type RuntimeEvent } from "@lobstercontrol/runtime";
import { createSqliteControlPlane } from "@lobstercontrol/sqlite";
import { expect, onTestFinished } from "vitest";
import { describeGateway, test, type TestGateway } from "./fixture.ts";

let count = 0;
const patience = { timeout: 90_000 };

/** What happens to the first answer on its way; those after it come through. */
type Cut = (answer: Response, hangUp: () => void) => Promise<void>;

/** A loop whose first answer never arrives. */
async function openCutLoop(gateway: TestGateway, cut: Cut) {
  const account = `Cut-${++count}`;
  const backoff = { baseMs: 500, capMs: 1_000 };
  const controlPlane = createSqliteControlPlane({ path: ":memory:", maxAttempts: 2, backoff });
  await controlPlane.platform.upsertAccount({ account });
  await controlPlane.platform.upsertAgent({ account, agent: "writer" });
  const admin = controlPlane.admin({ id: "user-1" }, account);
  let isFirst = true;
  const cutOnce: typeof fetch = async (input, init) => {
    if (init?.method !== "POST" || !isFirst) return await fetch(input, init);
    isFirst = false;
    const connection = new AbortController();
    await cut(await fetch(input, { ...init, signal: connection.signal }), () => connection.abort());
    throw new TypeError("fetch failed: the test cut the connection");
  };
  const control = createGatewayControl(gateway);
  const verdicts: string[] = [];
  const runtime = createRuntime({
    port: controlPlane.runtime((await admin.issueServiceToken()).token),
    client: createOpenClawClient({ baseUrl: gateway.url, token: gateway.token, fetch: cutOnce }),
    control,
    onEvent: (event: RuntimeEvent) => event.type === "resolved" && verdicts.push(event.verdict),
  });
  onTestFinished(async () => {
    await runtime.stop({ graceMs: 2_000 });
    control.close();
    controlPlane.close();
  });
  runtime.start();
  return {
    verdicts,
    notify: (input: string) =>
      controlPlane.platform.notify({
        account,
        agent: "writer",
        thread: "t1",
        input,
        idempotencyKey: `${++count}`,
      }),
    messages: async () => (await controlPlane.platform.messages()).messages,
  };
}

describeGateway("promise 5: a cut connection is resolved by the session", () => {
  test("a reply that was lost on the way is posted, and its run is not repeated", async ({
    gateway,
    models,
  }) => {
    const loop = await openCutLoop(gateway, async (answer) => {
      await answer.text();
    });
    const lost = `SAY="lost and found" ${crypto.randomUUID()}`;
    await loop.notify(lost);
    await loop.notify("and then?");
    await expect.poll(loop.messages, patience).toHaveLength(2);

    expect(await loop.messages()).toMatchObject([
      { text: "lost and found", repeated: false },
      { text: expect.stringContaining("message 2 of our conversation") as string },
    ]);
    expect(models.calls.filter(({ text }) => text === lost)).toHaveLength(1);
    expect(loop.verdicts.at(-1)).toBe("ran");
  });

  test("a run that was stopped is repeated, and the message says so", async ({ gateway, models }) => {
    const stopped = `DELAY=3000 SAY="at the second try" ${crypto.randomUUID()}`;
    const loop = await openCutLoop(gateway, async (_, hangUp) => {
      await expect.poll(() => models.calls.filter(({ text }) => text === stopped).length, patience).toBe(1);
      hangUp();
    });
    await loop.notify(stopped);
    await expect.poll(loop.messages, patience).toHaveLength(1);

    expect(await loop.messages()).toMatchObject([{ text: "at the second try", repeated: true }]);
    expect(loop.verdicts.at(-1)).toBe("aborted");
  });

  test("a request that the model was not asked for is sent, and is no repetition", async ({
    gateway,
    models,
  }) => {
    const loop = await openCutLoop(gateway, async (answer, hangUp) => {
      hangUp();
      await answer.text().catch(() => {});
    });
    const early = `SAY="only once" ${crypto.randomUUID()}`;
    await loop.notify(early);
    await expect.poll(loop.messages, patience).toHaveLength(1);

    const [message] = await loop.messages();
    const calls = models.calls.filter(({ text }) => text.endsWith(early)).length;
    // Where the cut falls is for the machine to say; the message must tell the truth about it.
    expect(message).toMatchObject({ text: "only once", repeated: loop.verdicts.at(-1) === "aborted" });
    if (message?.repeated === false) expect(calls).toBe(1);
  });
});
