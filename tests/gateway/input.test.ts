import type { InputPart } from "@lobstercontrol/openclaw-client";
import { expect } from "vitest";
import type { ModelProviderServer } from "../../examples/quickstart/gateway/model-provider.ts";
import { agents, describeGateway, newConversation, test } from "./fixture.ts";

/** One red pixel. */
const pixel =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const message = (...content: InputPart[]) => [{ type: "message" as const, role: "user" as const, content }];

/** What the model was told to be. */
const systemPrompt = (models: ModelProviderServer): string =>
  JSON.stringify(models.calls.at(-1)?.request.messages.filter(({ role }) => role === "system"));

/** The images that the model was shown. */
const imagesShown = (models: ModelProviderServer): (string | undefined)[] =>
  (models.calls.at(-1)?.request.messages ?? [])
    .flatMap(({ content }) => (typeof content === "string" ? [] : (content ?? [])))
    .flatMap((part) => (part.image_url === undefined ? [] : [part.image_url.url]));

describeGateway("what an agent is told, at a real gateway", () => {
  test("an image reaches the model as an image", async ({ gateway, models }) => {
    const { text } = await gateway.client.responses.create({
      ...newConversation(),
      input: message(
        { type: "input_text", text: "the picture" },
        { type: "input_image", source: { type: "base64", mediaType: "image/png", data: pixel } },
      ),
    });

    expect(text).toContain('"the picture"');
    expect(imagesShown(models)).toEqual([`data:image/png;base64,${pixel}`]);
  });

  test("a file's text reaches the model in the system prompt", async ({ gateway, models }) => {
    const data = base64("The tide turns at nine.\n");
    const { text } = await gateway.client.responses.create({
      ...newConversation(),
      input: message(
        { type: "input_text", text: "the tides" },
        {
          type: "input_file",
          source: { type: "base64", mediaType: "text/plain", data, filename: "tides.txt" },
        },
      ),
    });

    expect(text).toContain('"the tides"');
    expect(systemPrompt(models)).toContain("The tide turns at nine.");
    expect(systemPrompt(models)).toContain("tides.txt");
    expect(models.calls.at(-1)?.text).not.toContain("nine");
  });

  test("instructions, and what the system says, are no part of the conversation", async ({
    gateway,
    models,
  }) => {
    const thread = newConversation();
    await gateway.client.responses.create({
      ...thread,
      instructions: "Speak like a pilot.",
      input: [
        { type: "message", role: "system", content: "Never name the ship." },
        { type: "message", role: "user", content: "the channel" },
      ],
    });
    expect(systemPrompt(models)).toContain("Speak like a pilot.");
    expect(systemPrompt(models)).toContain("Never name the ship.");

    const { text } = await gateway.client.responses.create({ ...thread, input: "the bank" });
    expect(text).toContain('message 2 of our conversation; it began with "the channel"');
    expect(systemPrompt(models)).not.toContain("pilot");
  });

  test("limits and leanings reach the model", async ({ gateway, models }) => {
    await gateway.client.responses.create({
      ...newConversation(),
      input: "briefly",
      maxOutputTokens: 33,
      temperature: 0.25,
      topP: 0.5,
      metadata: { ticket: "T-1" },
    });

    expect(models.calls.at(-1)?.request).toMatchObject({
      max_completion_tokens: 33,
      temperature: 0.25,
      top_p: 0.5,
    });
  });
});

describeGateway("going on without a session key, at a real gateway", () => {
  test("previousResponseId goes on from an answer", async ({ gateway }) => {
    const { create } = gateway.client.responses;
    const user = `user ${crypto.randomUUID()}`;
    const agent = agents.writer;
    const first = await create({ agent, user, input: "the sea" });
    const second = await create({
      agent,
      user: `${user} too`,
      input: "the shore",
      previousResponseId: first.id,
    });

    expect(second.text).toContain('message 2 of our conversation; it began with "the sea"');
  });

  test("an unknown previousResponseId begins anew without a word", async ({ gateway }) => {
    const input = "the sea";
    const request = { ...newConversation(), input, previousResponseId: "resp_unknown" };

    expect((await gateway.client.responses.create(request)).text).toContain("first message");
  });

  test("a user has one conversation with each agent", async ({ gateway }) => {
    const { create } = gateway.client.responses;
    const user = `user ${crypto.randomUUID()}`;
    await create({ agent: agents.writer, user, input: "the sea" });

    expect((await create({ agent: agents.writer, user, input: "the shore" })).text).toContain("message 2");
    expect((await create({ agent: agents.reviewer, user, input: "the sand" })).text).toContain(
      "first message",
    );
  });
});
