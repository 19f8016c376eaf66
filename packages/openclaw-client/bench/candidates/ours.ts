import { createOpenClawClient } from "@lobstercontrol/openclaw-client";
import { input, sessionKey, token, type Library } from "../candidate.ts";

export const library: Library = (baseUrl) => {
  const { responses } = createOpenClawClient({ baseUrl, token });
  const request = { agent: "writer", sessionKey, input };
  return {
    create: {
      wire: "events",
      deltas: false,
      ask: async () => (await responses.create(request)).text,
    },
    stream: {
      wire: "events",
      deltas: true,
      async ask(onDelta) {
        let text = "";
        for await (const event of responses.stream(request)) {
          if (event.type !== "response.output_text.delta") continue;
          text += event.delta;
          onDelta(event.delta);
        }
        return text;
      },
    },
  };
};
