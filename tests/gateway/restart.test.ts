import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { describeGateway, newConversation, startTestGateway, test } from "./fixture.ts";

// Two starts, of which each may take a minute on a busy machine.
const timeout = 360_000;

describeGateway("a real gateway that is stopped and started between calls", () => {
  test("remembers its sessions, and the same client finds it again", { timeout }, async ({ models }) => {
    const stateDir = await mkdtemp(join(tmpdir(), "lobster-restart-"));
    onTestFinished(() => rm(stateDir, { recursive: true, force: true, maxRetries: 5 }));
    const gateway = await startTestGateway(models, { stateDir });
    onTestFinished(() => gateway.stop());
    const { create } = gateway.client.responses;
    const thread = newConversation();
    const { agent } = thread;
    const first = await create({ ...thread, input: "the sea" });
    expect(first.text).toContain("first message");

    await gateway.stop();
    const before = models.calls.length;
    await expect(create({ ...thread, input: "anybody there?", retries: 0 })).rejects.toMatchObject({
      code: "ERR_GATEWAY_UNREACHABLE",
      outcome: "notSent",
      retryable: true,
    });
    expect(await gateway.client.probe()).toMatchObject({ live: false });

    const { token } = gateway;
    const again = await startTestGateway(models, {
      stateDir,
      token,
      port: Number(new URL(gateway.url).port),
    });
    onTestFinished(() => again.stop());
    expect(models.calls).toHaveLength(before);
    expect((await create({ ...thread, input: "the shore" })).text).toContain(
      'message 2 of our conversation; it began with "the sea"',
    );
    // What a session key remembers, an answer's id does not: it was in memory.
    const user = `user ${crypto.randomUUID()}`;
    const lost = await create({ agent, user, input: "the sand", previousResponseId: first.id });
    expect(lost.text).toContain("first message");
  });
});
