import { agentSlug } from "@lobstercontrol/core";
import { createOpenClawClient } from "@lobstercontrol/openclaw-client";
import { expect, vi } from "vitest";
import { agents, describeGateway, newConversation, startTestGateway, test } from "./fixture.ts";

describeGateway("POST /v1/responses of a real gateway", () => {
  test("gives the agent's words", async ({ gateway, models }) => {
    const response = await gateway.client.responses.create({
      ...newConversation(agents.reviewer),
      input: "the harbour at night",
    });

    expect(response).toMatchObject({ status: "completed", incompleteReason: null });
    expect(response.text).toMatch(/^I have read "the harbour at night"\./);
    expect(models.calls.at(-1)).toMatchObject({ agent: "reviewer", text: "the harbour at night" });
  });

  test("tells a reply that was cut for its length", async ({ gateway }) => {
    const input = 'LENGTH SAY="and so on"';
    const response = await gateway.client.responses.create({ ...newConversation(), input });

    expect(response).toMatchObject({
      status: "incomplete",
      incompleteReason: "max_output_tokens",
      text: "and so on",
    });
  });

  test("refuses a wrong token", async ({ gateway }) => {
    const stranger = createOpenClawClient({ baseUrl: gateway.url, token: "wrong" });

    await expect(stranger.responses.create({ ...newConversation(), input: "hello" })).rejects.toMatchObject({
      code: "ERR_GATEWAY_UNAUTHORIZED",
      outcome: "refused",
    });
  });

  test("refuses an agent that it does not have", async ({ gateway, models }) => {
    const before = models.calls.length;
    const nobody = newConversation(agentSlug.parse("nobody"));

    await expect(gateway.client.responses.create({ ...nobody, input: "hello" })).rejects.toMatchObject({
      code: "ERR_REQUEST_REFUSED",
      outcome: "refused",
    });
    expect(models.calls).toHaveLength(before);
  });

  test("is not there when it is switched off", async ({ models }) => {
    const gateway = await startTestGateway(models, { responsesEnabled: false });
    try {
      const creating = gateway.client.responses.create({ ...newConversation(), input: "hello" });
      await expect(creating).rejects.toMatchObject({ code: "ERR_RESPONSES_DISABLED", outcome: "refused" });
      expect(await gateway.client.probe()).toMatchObject({ ready: true, responsesEnabled: false });
    } finally {
      await gateway.stop();
    }
  });
});

describeGateway("a model provider in trouble", () => {
  test("fails the run once, and not the next time", async ({ gateway }) => {
    const request = { ...newConversation(), input: "FAILONCE=500 about prices" };

    await expect(gateway.client.responses.create(request)).rejects.toMatchObject({
      code: "ERR_RUN_FAILED",
      outcome: "ran",
      retryable: true,
    });
    expect(await gateway.client.responses.create(request)).toMatchObject({ status: "completed" });
  });

  test("is hung up on when it takes too long", async ({ gateway, models }) => {
    const request = { ...newConversation(), input: "HANG until I go", timeoutMs: 1500 };

    await expect(gateway.client.responses.create(request)).rejects.toMatchObject({
      code: "ERR_RUN_TIMEOUT",
      outcome: "maybeRan",
    });
    const call = models.calls.findLast(({ text }) => text === request.input);
    await vi.waitFor(() => expect(call).toMatchObject({ aborted: true }), 10_000);
  });

  test("fails the run when it has nothing to say, and is asked twice", async ({ gateway, models }) => {
    const before = models.calls.length;
    const creating = gateway.client.responses.create({ ...newConversation(), input: "EMPTY" });

    await expect(creating).rejects.toMatchObject({ code: "ERR_RUN_FAILED", outcome: "ran" });
    expect(models.calls.slice(before)).toMatchObject([{ text: "EMPTY" }, { text: "EMPTY" }]);
  });
});
