import { createMockGateway, listenMockGateway, type MockRun } from "@lobstercontrol/openclaw-client/testing";
import { expect } from "vitest";
import type { ModelProviderServer } from "../../../examples/quickstart/gateway/model-provider.ts";
import { describeGateway, startTestGateway, test as base } from "../fixture.ts";
import { send, type Answer, type Target } from "./answer.ts";
import { parityAgents, parityCases, type ParityCase } from "./cases.ts";
import { modelOfTheMock } from "./model-of-the-mock.ts";

const runs: MockRun[] = [];
const token = "parity-token";

const test = base
  .extend("real", { scope: "file" }, async ({ models }, { onCleanup }) => {
    const gateway = await startTestGateway(models, { agents: parityAgents });
    onCleanup(() => gateway.stop());
    return { url: gateway.url, token: gateway.token.reveal() };
  })
  // oxlint-disable-next-line eslint/no-empty-pattern -- Vitest reads from the pattern what is needed: nothing.
  .extend("mock", { scope: "file" }, async ({}, { onCleanup }) => {
    const gateway = createMockGateway({
      token,
      agents: parityAgents,
      reply: (run) => {
        runs.push(run);
        return modelOfTheMock(run);
      },
    });
    const server = await listenMockGateway(gateway);
    onCleanup(() => server.close());
    return { url: server.url, token };
  });

describeGateway("the mock and the real gateway agree", () => {
  // No `test.for`: it shortens the names.
  for (const parityCase of parityCases)
    test(parityCase.name, async ({ real, mock, models }) => {
      const seenBefore = models.calls.length;
      const runsBefore = runs.length;
      const expected = await answersOf(real, parityCase);
      const actual = await answersOf(mock, parityCase);

      expect(actual).toEqual(expected);
      const call = models.calls.slice(seenBefore).at(-1);
      const run = runs.slice(runsBefore).at(-1);
      expect(run && toldByMock(run)).toEqual(call && toldToModel(call));
      if (call !== undefined)
        for (const line of linesOf(run?.instructions)) expect(systemOf(call)).toContain(line);
    });
});

async function answersOf(target: Target, { requests, differs }: ParityCase): Promise<Answer[]> {
  const answers: Answer[] = [];
  const earlier: unknown[] = [];
  for (const request of requests) {
    const { answer, json } = await send(target, request, earlier, differs?.fields ?? []);
    answers.push(answer);
    earlier.push(json);
  }
  return answers;
}

type ModelCall = ModelProviderServer["calls"][number];

/** What an agent was told, as far as one can see it from both sides. */
interface Told {
  agent: string | undefined;
  text: string;
  turn: number;
  images: number;
}

function toldByMock({ agent, input, turn, images }: MockRun): Told {
  return { agent, text: withoutCallIds(input.trim()), turn, images };
}

function toldToModel({ agent, text, userMessages, request }: ModelCall): Told {
  const parts = request.messages.flatMap(({ content }) => (Array.isArray(content) ? content : []));
  const images = parts.filter((part) => "image_url" in part).length;
  return { agent, text: withoutCallIds(text), turn: userMessages, images };
}

const withoutCallIds = (text: string): string => text.replaceAll(/Tool:[\w-]+:/g, "Tool:ID:");

const linesOf = (text: string | null | undefined): string[] => (text ?? "").split("\n").filter(Boolean);

function systemOf({ request }: ModelCall): string {
  const messages = request.messages.filter(({ role }) => role === "system" || role === "developer");
  return messages.map(({ content }) => textOf(content)).join("\n");
}

type Content = ModelCall["request"]["messages"][number]["content"];

function textOf(content: Content): string {
  return typeof content === "string" ? content : (content ?? []).map(({ text }) => text ?? "").join("\n");
}
