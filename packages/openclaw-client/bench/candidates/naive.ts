/** What this client is made of, put together as the READMEs of both show. */
import { EventSourceParserStream } from "eventsource-parser/stream";
import { ofetch } from "ofetch";
import { headers, input, model, token, type Library } from "../candidate.ts";

export const library: Library = (baseUrl) => ({
  stream: {
    wire: "events",
    deltas: true,
    async ask(onDelta) {
      const body = await ofetch("/v1/responses", {
        baseURL: baseUrl,
        method: "POST",
        retry: 0,
        headers: { ...headers, authorization: `Bearer ${token}` },
        body: { model, input, stream: true },
        responseType: "stream",
      });
      const events = body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
      let text = "";
      for await (const { data } of events) {
        if (data === "[DONE]") continue;
        const event = JSON.parse(data) as { type: string; delta: string };
        if (event.type !== "response.output_text.delta") continue;
        text += event.delta;
        onDelta(event.delta);
      }
      return text;
    },
  },
});
