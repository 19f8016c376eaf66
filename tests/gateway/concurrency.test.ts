import type { ResponseStream } from "@lobstercontrol/openclaw-client";
import { expect, onTestFinished, vi } from "vitest";
import type { ModelProviderServer } from "../../examples/quickstart/gateway/model-provider.ts";
import { describeGateway, newConversation, test, type TestGateway } from "./fixture.ts";

/** Eight inputs that no other test has. */
const eightOf = (about: string): string[] =>
  ["one", "two", "three", "four", "five", "six", "seven", "eight"].map((word) => `${word} ${about}`);

/** What the model was asked of these, in its order. */
const callsOf = (models: ModelProviderServer, inputs: readonly string[]) =>
  models.calls.filter(({ text }) => inputs.includes(text));

/** Which of these it has not answered yet. */
const openOf = (models: ModelProviderServer, inputs: readonly string[]): string[] =>
  callsOf(models, inputs)
    .filter(({ endedAt }) => endedAt === undefined)
    .map(({ text }) => text);

/** Sends it, and returns once the gateway has it: by its first event. */
async function arrived({ client }: TestGateway, request: Parameters<typeof client.responses.stream>[0]) {
  const stream: ResponseStream = client.responses.stream(request);
  const first = await stream[Symbol.asyncIterator]().next();
  expect(first.value).toMatchObject({ type: "response.created" });
  return stream;
}

describeGateway("eight requests at once at a real gateway", () => {
  // In a session that is new, all but the first of them fail with an internal error: the gateway makes the session once for
  // each. The runtime never sends two at once on a session key (promise 4).
  test("on one key are answered one after another, as they arrived, and none is lost", async ({
    gateway,
    models,
  }) => {
    onTestFinished(() => models.release());
    const thread = newConversation();
    await gateway.client.responses.create({ ...thread, input: "zero" });

    const inputs = eightOf("in a row").map((input, at) => (at === 0 ? `${input} HANG` : input));
    const streams: ResponseStream[] = [];
    for (const input of inputs) streams.push(await arrived(gateway, { ...thread, input }));
    // All eight are there, and the first one holds up the others.
    await vi.waitFor(() => expect(openOf(models, inputs)).toEqual([inputs[0]]), 60_000);
    models.release();
    const replies = await Promise.all(streams.map((stream) => stream.final()));

    expect(replies.map(({ status }) => status)).toEqual(inputs.map(() => "completed"));
    const calls = callsOf(models, inputs);
    expect(calls.map(({ text }) => text)).toEqual(inputs);
    // Each knows of those before it, and none began before the one before it had ended.
    expect(calls.map(({ userMessages }) => userMessages)).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    for (const [at, { endedAt }] of calls.slice(0, -1).entries())
      expect(calls[at + 1]!.at).toBeGreaterThanOrEqual(endedAt!);
  });

  test("on eight keys run side by side", async ({ gateway, models }) => {
    onTestFinished(() => models.release());
    const inputs = eightOf("side by side HANG");
    const replies = inputs.map((input) => gateway.client.responses.create({ ...newConversation(), input }));

    // Each of them waits at the model until all of them do.
    await vi.waitFor(() => expect(openOf(models, inputs).toSorted()).toEqual(inputs.toSorted()), 60_000);
    models.release();
    for (const [at, { text }] of (await Promise.all(replies)).entries()) expect(text).toContain(inputs[at]);
  });
});
