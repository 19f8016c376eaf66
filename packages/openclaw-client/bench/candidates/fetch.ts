/** The yardstick: `fetch` and the shortest code that gets the text out of the answer. */
import { headers, input, model, token, type Library } from "../candidate.ts";

export const library: Library = (baseUrl) => {
  const send = async (body: object, init: RequestInit = {}): Promise<Response> => {
    const response = await fetch(`${baseUrl}/v1/responses`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
      ...init,
    });
    if (!response.ok) throw new Error(`status ${response.status}`);
    return response;
  };
  return {
    stream: {
      wire: "events",
      deltas: true,
      ask: async (onDelta) => textOf(await send({ model, input, stream: true }), onDelta),
    },
    "stream-limited": {
      wire: "events",
      deltas: true,
      async ask(onDelta) {
        const limit = new AbortController();
        const timer = setTimeout(() => limit.abort(), 600_000);
        try {
          return await textOf(await send({ model, input, stream: true }, { signal: limit.signal }), onDelta);
        } finally {
          clearTimeout(timer);
        }
      },
    },
    whole: {
      wire: "whole",
      deltas: false,
      async ask() {
        const response = await send({ model, input });
        const { output } = (await response.json()) as { output: { content: { text: string }[] }[] };
        return output.flatMap(({ content }) => content.map(({ text }) => text)).join("");
      },
    },
  };
};

async function textOf({ body }: Response, onDelta: (delta: string) => void): Promise<string> {
  const reader = body!.getReader();
  const decoder = new TextDecoder();
  let buffer = "";
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text;
    buffer += decoder.decode(value, { stream: true });
    const blocks = buffer.split("\n\n");
    buffer = blocks.pop() ?? "";
    for (const block of blocks)
      for (const line of block.split("\n")) {
        if (!line.startsWith("data: ") || line === "data: [DONE]") continue;
        const event = JSON.parse(line.slice(6)) as { type: string; delta: string };
        if (event.type !== "response.output_text.delta") continue;
        text += event.delta;
        onDelta(event.delta);
      }
  }
}
