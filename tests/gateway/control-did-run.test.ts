import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { SessionMark } from "@lobstercontrol/core";
import { createGatewayControl, type GatewayControl } from "@lobstercontrol/openclaw-client/control";
import { expect, vi } from "vitest";
import type { ModelProviderServer } from "../../examples/quickstart/gateway/model-provider.ts";
import { describeGateway, newConversation, test as base, type TestGateway } from "./fixture.ts";

const test = base.extend("control", { scope: "worker" }, async ({ gateway }, { onCleanup }) => {
  const control = createGatewayControl(gateway);
  onCleanup(() => control.close());
  return control;
});

type Thread = ReturnType<typeof newConversation>;

/** A request on a socket of its own, of which only a share of the body is sent. What comes back is not read. */
async function sendRaw(gateway: TestGateway, thread: Thread, input: string, share = 1) {
  const body = JSON.stringify({ model: "openclaw", input, stream: true });
  const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1");
  socket.on("error", () => {});
  await new Promise<void>((connected) => socket.once("connect", connected));
  socket.pause();
  const head = [
    "POST /v1/responses HTTP/1.1",
    "Host: 127.0.0.1",
    `Authorization: Bearer ${gateway.token.reveal()}`,
    "Content-Type: application/json",
    `x-openclaw-agent-id: ${thread.agent}`,
    `x-openclaw-session-key: ${thread.sessionKey}`,
    `Content-Length: ${body.length}`,
  ];
  await new Promise<void>((written) =>
    socket.write(`${head.join("\r\n")}\r\n\r\n${body.slice(0, body.length * share)}`, () => written()),
  );
  return socket;
}

/** How many times the model was asked for this. */
const callsFor = (models: ModelProviderServer, input: string): number =>
  models.calls.filter(({ text }) => text === input).length;

/** The verdict once nothing is under way any more. */
function settled(control: GatewayControl, thread: Thread, mark: SessionMark) {
  return vi.waitUntil(
    async () => {
      const verdict = await control.didRun({ ...thread, mark });
      return verdict.verdict === "active" ? false : verdict;
    },
    { timeout: 60_000, interval: 300 },
  );
}

const sessions = [
  { session: "a fresh session", turns: 0 },
  { session: "a session with three turns", turns: 3 },
];

describeGateway.each(sessions)("whether a request ran in $session", ({ turns }) => {
  /** The session, its mark, and a text that no other request has. */
  async function begin({ gateway, control }: { gateway: TestGateway; control: GatewayControl }) {
    const thread = newConversation();
    for (let turn = 0; turn < turns; turn += 1)
      await gateway.client.responses.create({ ...thread, input: "the same words" });
    return {
      thread,
      mark: await control.sessionMark(thread.sessionKey),
      tag: `${thread.sessionKey} ${turns}`,
    };
  }

  test("notRun: nothing was sent", async ({ gateway, control }) => {
    const { thread, mark } = await begin({ gateway, control });

    expect(await control.didRun({ ...thread, mark })).toEqual({ verdict: "notRun" });
  });

  test("notRun: cut at half of the body", async ({ gateway, control, models }) => {
    const { thread, mark, tag } = await begin({ gateway, control });
    const socket = await sendRaw(gateway, thread, tag, 0.5);
    socket.destroy();

    expect(await control.didRun({ ...thread, mark })).toEqual({ verdict: "notRun" });
    expect(callsFor(models, tag)).toBe(0);
  });

  // Where exactly these cuts fall is for the machine to say. What must hold is that notRun is never said of a request
  // that the model was asked for.
  for (const cutAfterMs of [0, 60, 150, 220, 300])
    test(`cut ${cutAfterMs} ms after the body`, async ({ gateway, control, models }) => {
      const { thread, mark, tag } = await begin({ gateway, control });
      const input = `HANG ${tag}`;
      const socket = await sendRaw(gateway, thread, input);
      await sleep(cutAfterMs);
      socket.destroy();

      const { verdict } = await settled(control, thread, mark);
      await sleep(500);
      if (verdict === "notRun") expect(callsFor(models, input)).toBe(0);
      else expect(verdict).toBe("aborted");
      if (cutAfterMs === 0) expect(verdict).toBe("notRun");
    });

  test("active, then aborted: cut while the model is asked", async ({ gateway, control, models }) => {
    const { thread, mark, tag } = await begin({ gateway, control });
    const input = `HANG ${tag}`;
    const socket = await sendRaw(gateway, thread, input);
    await vi.waitFor(() => expect(callsFor(models, input)).toBe(1), 30_000);

    expect(await control.didRun({ ...thread, mark })).toEqual({ verdict: "active" });
    socket.destroy();
    expect(await settled(control, thread, mark)).toMatchObject({ verdict: "aborted" });
  });

  test("ran: it ended, and nobody read it", async ({ gateway, control }) => {
    const { thread, mark, tag } = await begin({ gateway, control });
    // Longer than what the gateway's history gives unless it is asked for more.
    const words = "word ".repeat(2000).trim();
    const socket = await sendRaw(gateway, thread, `SAY="${words}" ${tag}`);
    await vi.waitFor(
      async () => expect(await control.didRun({ ...thread, mark })).toHaveProperty("text"),
      30_000,
    );
    socket.destroy();

    expect(await control.didRun({ ...thread, mark })).toEqual({
      verdict: "ran",
      text: words,
      responseId: expect.stringMatching(/^resp_/),
    });
  });

  test("ran: two turns with the same text are told apart", async ({ gateway, control }) => {
    const { thread, mark } = await begin({ gateway, control });
    const first = await gateway.client.responses.create({ ...thread, input: "ping" });
    const between = await control.sessionMark(thread.sessionKey);

    expect(await control.didRun({ ...thread, mark: between })).toEqual({ verdict: "notRun" });
    expect(await control.didRun({ ...thread, mark })).toEqual({
      verdict: "ran",
      text: first.text,
      responseId: first.id,
    });

    const second = await gateway.client.responses.create({ ...thread, input: "ping" });
    expect(await control.didRun({ ...thread, mark: between })).toEqual({
      verdict: "ran",
      text: second.text,
      responseId: second.id,
    });
    // Both came since: which of them is meant cannot be told.
    expect(await control.didRun({ ...thread, mark })).toEqual({ verdict: "unknown" });
  });

  test("failed: the provider's error is no reply", async ({ gateway, control }) => {
    const { thread, mark, tag } = await begin({ gateway, control });
    const creating = gateway.client.responses.create({ ...thread, input: `FAIL=500 ${tag}` });
    await expect(creating).rejects.toMatchObject({ outcome: "ran" });

    expect(await settled(control, thread, mark)).toEqual({
      verdict: "failed",
      responseId: expect.stringMatching(/^resp_/),
    });
  });

  test("failed: the model said nothing", async ({ gateway, control }) => {
    const { thread, mark } = await begin({ gateway, control });
    await expect(gateway.client.responses.create({ ...thread, input: "EMPTY" })).rejects.toThrow();

    expect(await settled(control, thread, mark)).toMatchObject({ verdict: "failed" });
  });

  test("sees past a run that was cut before", async ({ gateway, control, models }) => {
    const { thread, tag } = await begin({ gateway, control });
    const input = `HANG ${tag}`;
    const socket = await sendRaw(gateway, thread, input);
    await vi.waitFor(() => expect(callsFor(models, input)).toBe(1), 30_000);
    socket.destroy();
    await vi.waitFor(async () => {
      const { isUsable } = await control.sessionMark(thread.sessionKey);
      expect(isUsable).toBe(true);
    }, 30_000);

    const mark = await control.sessionMark(thread.sessionKey);
    expect(await control.didRun({ ...thread, mark })).toEqual({ verdict: "notRun" });
    const next = await gateway.client.responses.create({ ...thread, input: "and now?" });
    expect(await control.didRun({ ...thread, mark })).toMatchObject({ verdict: "ran", text: next.text });
  });
});

describeGateway("what the history does not tell", () => {
  test("ran, without the text that is too large for it", async ({ gateway, control }) => {
    const thread = newConversation();
    const mark = await control.sessionMark(thread.sessionKey);
    const input = `SAY="${"x".repeat(150_000)}"`;
    const { id, text } = await gateway.client.responses.create({ ...thread, input });

    expect(text).toHaveLength(150_000);
    expect(await settled(control, thread, mark)).toEqual({ verdict: "ran", responseId: id });
  });

  test("a mark from while something ran is unknown", async ({ gateway, control, models }) => {
    const thread = newConversation();
    const input = `DELAY=1500 ${thread.sessionKey}`;
    const running = gateway.client.responses.create({ ...thread, input });
    await vi.waitFor(() => expect(callsFor(models, input)).toBe(1), 30_000);
    const mark = await control.sessionMark(thread.sessionKey);
    await running;

    expect(await control.didRun({ ...thread, mark })).toEqual({ verdict: "unknown" });
  });
});
