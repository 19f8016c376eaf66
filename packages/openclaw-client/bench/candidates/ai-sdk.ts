import { createOpenResponses } from "@ai-sdk/open-responses";
import { generateText, streamText } from "ai";
import { headers, input, model, token, type Library } from "../candidate.ts";

export const library: Library = (baseUrl) => {
  const provider = createOpenResponses({
    name: "openclaw",
    url: `${baseUrl}/v1/responses`,
    apiKey: token,
    headers,
  });
  const request = { model: provider(model), prompt: input, maxRetries: 0 };
  return {
    generateText: {
      wire: "whole",
      deltas: false,
      ask: async () => (await generateText(request)).text,
    },
    streamText: {
      wire: "events",
      deltas: true,
      async ask(onDelta) {
        let text = "";
        for await (const delta of streamText(request).textStream) {
          text += delta;
          onDelta(delta);
        }
        return text;
      },
    },
  };
};
