import { agentSlug } from "@lobstercontrol/core";
import { readFile } from "node:fs/promises";
import { expect } from "vitest";
import { describeGateway, newConversation, test as base } from "./fixture.ts";
import { agent, openSynced } from "./synced.ts";

/** One gateway for all: its start is what takes long. Each test brings a whole roster. */
const test = base.extend("synced", { scope: "file" }, async ({ models }, { onCleanup }) => {
  const template = fakeModels(models.url);
  // What is said of an agent that is not on the roster stands in no configuration.
  const agents = { ...template.agents, entries: { broken: { skills: 7 } } };
  return await openSynced(models, { template: { ...template, agents } }, onCleanup);
});

describeGateway("the roster at a real gateway", () => {
  test("comes, changes and goes while the gateway runs, and agents read their files", async ({
    models,
    synced: t,
  }) => {
    const upBefore = await t.upMs();
    const ask = (slug: string, input: string) =>
      t.gateway.client.responses.create({ ...newConversation(agentSlug.parse(slug)), input });
    /** What the model was told beside what the user said. */
    const prompt = (): string => JSON.stringify(models.calls.at(-1)?.request.messages[0]);

    const writer = agent("writer", {
      files: { "SOUL.md": "You speak like a lighthouse.", "USER.md": "Ada reads." },
    });
    expect(await t.syncRoster(writer, agent("reviewer"))).toEqual({ proven: 1, nextInMs: null });
    expect(await t.control.agents()).toEqual(["reviewer", "writer"]);
    await ask("writer", "one");
    expect(prompt()).toContain("like a lighthouse");
    expect(prompt()).toContain("Ada reads.");
    expect(models.calls.at(-1)?.request.tools?.map((tool) => tool.function.name)).toEqual(["session_status"]);

    // Another file, one less, and one more agent.
    const changed = agent("writer", { files: { "SOUL.md": "You speak like a tide table." } });
    expect(await t.syncRoster(changed, agent("reviewer"), agent("editor"))).toEqual({
      proven: 2,
      nextInMs: null,
    });
    await ask("writer", "two");
    expect(prompt()).toContain("like a tide table");
    expect(prompt()).not.toContain("lighthouse");
    expect(prompt()).not.toContain("Ada reads.");
    await expect(ask("editor", "three")).resolves.toMatchObject({ status: "completed" });

    // One that leaves is still told what waits for it.
    expect(await t.syncRoster(changed, agent("reviewer", { leaving: true }))).toEqual({
      proven: 3,
      nextInMs: 15_000,
    });
    await expect(ask("reviewer", "four")).resolves.toMatchObject({ status: "completed" });
    await expect(ask("editor", "five")).rejects.toMatchObject({ code: "ERR_REQUEST_REFUSED" });
    expect(await t.syncRosterAgain([changed])).toEqual({ proven: 3, nextInMs: null });
    await expect(ask("reviewer", "six")).rejects.toMatchObject({ code: "ERR_REQUEST_REFUSED" });
    expect(t.found("AgentsSynced")).toMatchObject({ status: "true", reason: "Synced" });
    expect(await t.upMs()).toBeGreaterThan(upBefore);
  });

  test("that the gateway refuses leaves the old one live, and says so", async ({ synced: t }) => {
    const { proven } = await t.syncRoster(agent("writer"));
    const before = await readFile(t.files.configPath, "utf8");

    expect(await t.syncRoster(agent("writer"), agent("broken"))).toMatchObject({ proven });
    expect(t.found("AgentsSynced")).toMatchObject({ status: "false", reason: "ConfigRefused" });
    expect(t.found("AgentsSynced")?.evidence).toContain("broken");
    expect(await readFile(t.files.configPath, "utf8")).toBe(before);
    expect(await t.control.agents()).toEqual(["writer"]);
    await expect(
      t.gateway.client.responses.create({ ...newConversation(), input: "still here" }),
    ).resolves.toMatchObject({ status: "completed" });
    expect(await t.syncRoster(agent("writer"), agent("other"))).toEqual({
      proven: proven + 2,
      nextInMs: null,
    });
  });

  test("may take all files away, and an agent and bring it back: it runs as before", async ({
    synced: t,
  }) => {
    const ask = () => t.gateway.client.responses.create({ ...newConversation(), input: "are you well?" });
    await t.syncRoster(agent("writer", { files: { "SOUL.md": "Kind." } }), agent("other"));
    await expect(ask()).resolves.toMatchObject({ status: "completed" });
    // OpenClaw runs no agent any more whose workspace has become empty.
    await t.syncRoster(agent("writer"), agent("other"));
    await expect(ask()).resolves.toMatchObject({ status: "completed" });
    await t.syncRoster(agent("other"));
    await t.syncRoster(agent("writer"), agent("other"));
    await expect(ask()).resolves.toMatchObject({ status: "completed" });
  });

  test("of none at all is brought too", async ({ synced: t }) => {
    const { proven } = await t.syncRoster(agent("writer"));
    expect(await t.syncRoster()).toEqual({ proven: proven + 1, nextInMs: null });
    await expect(
      t.gateway.client.responses.create({ ...newConversation(), input: "nobody" }),
    ).rejects.toMatchObject({ code: "ERR_REQUEST_REFUSED" });
  });
});

/** A model that needs no key: these tests are about agents. */
function fakeModels(baseUrl: string) {
  const model = {
    id: "demo",
    name: "demo",
    reasoning: false,
    input: ["text"],
    cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
    contextWindow: 128_000,
    maxTokens: 4_096,
  };
  return {
    models: { providers: { local: { baseUrl, apiKey: "none", api: "openai-completions", models: [model] } } },
    agents: { defaults: { model: { primary: "local/demo" } } },
  };
}
