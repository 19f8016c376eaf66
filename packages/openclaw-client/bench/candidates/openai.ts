import OpenAI from "openai";
import type { ResponseStreamEvent } from "openai/resources/responses/responses";
import { headers, input, model, token, type Library } from "../candidate.ts";

export const library: Library = (baseUrl) => {
  const { responses } = new OpenAI({
    baseURL: `${baseUrl}/v1`,
    apiKey: token,
    maxRetries: 0,
    defaultHeaders: headers,
  });
  const textOf = async (
    events: AsyncIterable<ResponseStreamEvent>,
    onDelta: (delta: string) => void,
  ): Promise<string> => {
    let text = "";
    for await (const event of events) {
      if (event.type !== "response.output_text.delta") continue;
      text += event.delta;
      onDelta(event.delta);
    }
    return text;
  };
  return {
    create: {
      wire: "whole",
      deltas: false,
      ask: async () => (await responses.create({ model, input })).output_text,
    },
    "create-stream": {
      wire: "events",
      deltas: true,
      ask: async (onDelta) => textOf(await responses.create({ model, input, stream: true }), onDelta),
    },
    stream: {
      wire: "events",
      deltas: true,
      ask: (onDelta) => textOf(responses.stream({ model, input }), onDelta),
    },
  };
};
