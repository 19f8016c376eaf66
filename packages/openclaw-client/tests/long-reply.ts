/** Reads a reply of 10 MB, as the gateway sends it: in small deltas, and then whole four times. Says how long it was. */
import { createOpenClawClient } from "@lobstercontrol/openclaw-client";

const pieceCharacters = 1_024;
const pieces = 10 * 1_024;
const encoder = new TextEncoder();
const piece = "Grüße, 🦞! ".repeat(pieceCharacters).slice(0, pieceCharacters - 1) + ".";

function* events(): Generator<object> {
  const response = { id: "resp_1", status: "in_progress", model: "openclaw", output: [] };
  yield { type: "response.created", response };
  for (let at = 0; at < pieces; at++) yield { type: "response.output_text.delta", delta: piece };
  const text = piece.repeat(pieces);
  const part = { type: "output_text", text };
  const item = { type: "message", id: "msg_1", content: [part] };
  yield { type: "response.output_text.done", text };
  yield { type: "response.content_part.done", part };
  yield { type: "response.output_item.done", item };
  yield { type: "response.completed", response: { ...response, status: "completed", output: [item] } };
}

/** In pieces of 16 KiB, as a network hands them out. */
function* bytes(): Generator<Uint8Array> {
  for (const event of events()) {
    const line = encoder.encode(`data: ${JSON.stringify(event)}\n\n`);
    for (let from = 0; from < line.length; from += 16_384) yield line.subarray(from, from + 16_384);
  }
}

const source = bytes();
const body = new ReadableStream<Uint8Array>({
  pull(controller) {
    const { done, value } = source.next();
    if (done === true) controller.close();
    else controller.enqueue(value);
  },
});
const client = createOpenClawClient({
  baseUrl: "http://gateway.test",
  token: "t",
  fetch: async () => new Response(body, { headers: { "content-type": "text/event-stream" } }),
});
const request = { agent: "main", sessionKey: "agent:main:t1", input: "Tell me everything." };
let deltas = 0;
if (process.argv[2] === "stream")
  for await (const event of client.responses.stream(request))
    deltas += event.type === "response.output_text.delta" ? event.delta.length : 0;
else deltas = (await client.responses.create(request)).text.length;
console.log(deltas);
