import { expect, vi } from "vitest";
import { agents, conversation, describeGateway, newConversation, test } from "./fixture.ts";

describeGateway("a session key at a real gateway", () => {
  test("remembers what was said before", async ({ gateway }) => {
    const { create } = gateway.client.responses;
    const thread = newConversation();

    const first = await create({ ...thread, input: "the sea" });
    const second = await create({ ...thread, input: "the shore" });

    expect(first.text).toContain("the first message of our conversation");
    expect(second.text).toContain('message 2 of our conversation; it began with "the sea"');
  });

  test("promise 7: keeps two threads apart whose ids differ in case alone", async ({ gateway }) => {
    const { create } = gateway.client.responses;
    const agent = agents.writer;

    await create({ agent, sessionKey: conversation(agent, "Case"), input: "of the first" });
    const other = await create({ agent, sessionKey: conversation(agent, "case"), input: "of the second" });

    expect(other.text).toContain("the first message of our conversation");
  });

  test("keeps the agents of one thread apart", async ({ gateway }) => {
    const { create } = gateway.client.responses;
    const { writer, reviewer } = agents;

    await create({ agent: writer, sessionKey: conversation(writer, "shared"), input: "a draft" });
    const other = await create({
      agent: reviewer,
      sessionKey: conversation(reviewer, "shared"),
      input: "a review",
    });

    expect(other.text).toContain("the first message of our conversation");
  });

  test("is free again after a run that was cut", async ({ gateway, models }) => {
    const thread = newConversation();
    const cut = new AbortController();
    const creating = gateway.client.responses.create({
      ...thread,
      input: "HANG in vain",
      signal: cut.signal,
    });
    await vi.waitFor(() => expect(models.calls.at(-1)?.text).toBe("HANG in vain"), 30_000);
    cut.abort();

    await expect(creating).rejects.toMatchObject({ code: "ERR_RUN_ABORTED", outcome: "maybeRan" });
    const next = await gateway.client.responses.create({ ...thread, input: "and now?", timeoutMs: 30_000 });
    expect(next.text).toContain('"and now?"');
  });
});
