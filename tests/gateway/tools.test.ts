import type { ResponseRequest } from "@lobstercontrol/openclaw-client";
import { expect } from "vitest";
import { z } from "zod";
import { describeGateway, newConversation, test } from "./fixture.ts";

const weather = {
  name: "get_weather",
  description: "The weather in a city.",
  parameters: z.object({ city: z.string(), days: z.int().nullable() }),
};
const tools = [weather];
const input = `What about Paris? CALL=get_weather ARGS={"city":"Paris","days":null}`;

describeGateway("the caller's tools at a real gateway", () => {
  test("are called by the agent, and answered", async ({ gateway, models }) => {
    const request: ResponseRequest = { ...newConversation(), tools, input };
    const asked = await gateway.client.responses.create(request);

    expect(asked).toMatchObject({ status: "completed", text: "" });
    expect(asked.toolCalls).toEqual([
      { callId: expect.any(String), name: "get_weather", arguments: `{"city":"Paris","days":null}` },
    ]);
    const [call] = asked.toolCalls;
    expect(weather.parameters.parse(JSON.parse(call!.arguments))).toEqual({ city: "Paris", days: null });
    // What the model was shown is what zod says, in the strict subset.
    const shown = models.calls.at(-1)?.request.tools?.find((tool) => tool.function.name === "get_weather");
    expect(shown?.function).toMatchObject({
      description: weather.description,
      parameters: { type: "object", required: ["city", "days"], additionalProperties: false },
    });

    const answered = await gateway.client.responses.create({
      ...request,
      input: [{ type: "function_call_output", callId: call!.callId, output: "21 degrees" }],
    });
    expect(answered.toolCalls).toEqual([]);
    expect(answered.text).toContain("21 degrees");
    expect(models.calls.at(-1)?.text).toContain(call!.callId);
  });

  test("are called in a stream", async ({ gateway }) => {
    const stream = gateway.client.responses.stream({ ...newConversation(), tools, input });
    const items = [];
    for await (const event of stream) if (event.type === "response.output_item.done") items.push(event.item);

    const { toolCalls } = await stream.final();
    expect(toolCalls).toMatchObject([{ name: "get_weather", arguments: `{"city":"Paris","days":null}` }]);
    expect(items).toContainEqual(expect.objectContaining({ type: "function_call", ...toolCalls[0] }));
  });

  test("fail the run when one is required and none is called", async ({ gateway }) => {
    const request = { ...newConversation(), tools, toolChoice: "required" as const, input: "no, thanks" };

    await expect(gateway.client.responses.create(request)).rejects.toMatchObject({
      code: "ERR_RUN_FAILED",
      outcome: "ran",
      message: expect.stringContaining("tool_choice=required was not satisfied"),
    });
  });

  test("are not offered when they must not be called", async ({ gateway, models }) => {
    const request = { ...newConversation(), tools, toolChoice: "none" as const, input: "just say something" };

    expect(await gateway.client.responses.create(request)).toMatchObject({ toolCalls: [] });
    const names = models.calls.at(-1)?.request.tools?.map((tool) => tool.function.name) ?? [];
    expect(names).not.toContain("get_weather");
  });
});
