import { expect, vi } from "vitest";
import { describeGateway, newConversation, test } from "./fixture.ts";

/** A reply of some hundred words, as it comes from a model that takes its time. */
const slowly = `GAP=100 SAY="${"word ".repeat(200).trim()}"`;

describeGateway("a stream of a real gateway", () => {
  test("gives the events in their order, and the reply in pieces", async ({ gateway }) => {
    const stream = gateway.client.responses.stream({ ...newConversation(), input: "the harbour at night" });
    const types: string[] = [];
    let text = "";
    for await (const event of stream) {
      if (types.at(-1) !== event.type) types.push(event.type);
      if (event.type === "response.output_text.delta") text += event.delta;
    }

    expect(types).toEqual([
      "response.created",
      "response.in_progress",
      "response.output_item.added",
      "response.content_part.added",
      "response.output_text.delta",
      "response.output_text.done",
      "response.content_part.done",
      "response.output_item.done",
      "response.completed",
    ]);
    const final = await stream.final();
    expect(final).toMatchObject({ status: "completed", text, id: expect.stringMatching(/^resp_/) });
    expect(final.usage.totalTokens).toBeGreaterThan(0);
    expect(text).toContain('"the harbour at night"');
  });

  test("gives words while the model still speaks", async ({ gateway, models }) => {
    const input = `the tide ${slowly}`;
    const stream = gateway.client.responses.stream({ ...newConversation(), input });
    let isSpeaking: boolean | null = null;
    for await (const piece of stream.text) {
      expect(piece).toMatch(/^word/);
      isSpeaking = models.calls.findLast(({ text }) => text === input)?.endedAt === undefined;
      break;
    }

    expect(isSpeaking).toBe(true);
  });

  test("abort stops the run: the model is hung up on, and the session is free", async ({
    gateway,
    models,
  }) => {
    const thread = newConversation();
    const input = `to be cut ${slowly}`;
    const stream = gateway.client.responses.stream({ ...thread, input });
    const read = (async () => {
      for await (const event of stream) if (event.type === "response.output_text.delta") stream.abort();
    })();

    await expect(read).rejects.toMatchObject({ code: "ERR_RUN_ABORTED", outcome: "maybeRan" });
    await expect(stream.final()).rejects.toMatchObject({ code: "ERR_RUN_ABORTED" });
    const calls = () => models.calls.filter(({ text }) => text === input);
    await vi.waitFor(() => expect(calls()).toMatchObject([{ aborted: true }]), 10_000);

    const next = await gateway.client.responses.create({ ...thread, input: "and now?", timeoutMs: 30_000 });
    expect(next.text).toContain('"and now?"');
    expect(calls()).toHaveLength(1);
  });
});
