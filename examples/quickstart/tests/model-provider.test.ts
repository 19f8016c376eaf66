import { describe, expect, it, onTestFinished, vi } from "vitest";
import { startModelProvider } from "../gateway/model-provider.ts";

/** A model provider, and a way to ask it as the gateway does. */
async function open() {
  const models = await startModelProvider();
  onTestFinished(() => models.close());
  const ask = (messages: object[], rest: object = {}, signal?: AbortSignal) =>
    fetch(`${models.url}/chat/completions`, {
      method: "POST",
      body: JSON.stringify({ model: "demo", messages, ...rest }),
      signal: signal ?? null,
    });
  const answer = async (messages: object[]) => {
    const { choices } = (await (await ask(messages)).json()) as {
      choices: { message: object; finish_reason: string }[];
    };
    return choices[0];
  };
  return { models, ask, answer };
}

const user = (content: string) => ({ role: "user", content });

describe("the model provider", () => {
  it("wants a tool called, and speaks once it has the tool's answer", async () => {
    const { answer } = await open();
    const asked = user(`the weather CALL=look ARGS={"city":"Paris"} SAY=sunny`);
    const first = await answer([asked]);

    const call = { type: "function", function: { name: "look", arguments: '{"city":"Paris"}' } };
    expect(first).toMatchObject({
      finish_reason: "tool_calls",
      message: { content: "", tool_calls: [call] },
    });
    expect(await answer([asked, first!.message, { role: "tool", content: "21" }])).toMatchObject({
      finish_reason: "stop",
      message: { content: "sunny" },
    });
  });

  it("streams a tool call as it does words", async () => {
    const { ask } = await open();
    const text = await (await ask([user("CALL=look")], { stream: true })).text();

    expect(text).toContain('"tool_calls":[{"index":0,');
    expect(text).toContain('"arguments":"{}"');
    expect(text).toContain('"finish_reason":"tool_calls"');
  });

  it("answers what hangs when it is released, and what hangs later not", async () => {
    const { models, answer } = await open();
    const hanging = [answer([user("HANG SAY=one")]), answer([user("HANG SAY=two")])];
    await vi.waitFor(() => expect(models.calls).toHaveLength(2));
    expect(models.calls.map(({ endedAt }) => endedAt)).toEqual([undefined, undefined]);
    models.release();

    expect(await Promise.all(hanging)).toMatchObject([
      { message: { content: "one" } },
      { message: { content: "two" } },
    ]);
    await vi.waitFor(() => expect(models.calls.every(({ endedAt }) => endedAt !== undefined)).toBe(true));
    const later = answer([user("HANG SAY=three")]).catch(() => "hung up on");
    await vi.waitFor(() => expect(models.calls).toHaveLength(3));
    await models.close();
    expect(await later).toBe("hung up on");
  });

  it("notes who hung up on it, and what was asked", async () => {
    const { models, ask } = await open();
    const cut = new AbortController();
    const response = await ask(
      [user(`GAP=20 SAY="${"word ".repeat(100)}"`)],
      { stream: true, temperature: 1 },
      cut.signal,
    );
    await response.body!.getReader().read();
    cut.abort();

    await vi.waitFor(() =>
      expect(models.calls).toMatchObject([
        { aborted: true, endedAt: expect.any(Number), request: { model: "demo", temperature: 1 } },
      ]),
    );
  });
});
