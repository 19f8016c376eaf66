/**
 * An instant gateway in a process of its own: answers each request at once with the events of a whole run, and tells its
 * parent when it came. What is measured is then the loop and the wire, not a model.
 */
import { createServer } from "node:http";

const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 };
const base = { id: "resp_1", object: "response", created_at: 0, model: "openclaw/writer", usage };
const content = [{ type: "output_text", text: "done" }];
const output = [{ type: "message", id: "msg_1", role: "assistant", content, status: "completed" }];
const event = (type: string, fields: object) =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
const answer = [
  event("response.created", { response: { ...base, status: "in_progress", output: [] } }),
  event("response.output_text.delta", { item_id: "msg_1", output_index: 0, content_index: 0, delta: "done" }),
  event("response.completed", { response: { ...base, status: "completed", output } }),
  "data: [DONE]\n\n",
].join("");

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    if (request.headers["x-bench-times"] === "1") {
      const { input } = JSON.parse(Buffer.concat(chunks).toString()) as { input: string };
      process.send?.({ input, at: performance.timeOrigin + performance.now() });
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end(answer);
  });
});
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as { port: number }).port }));
process.on("disconnect", () => process.exit());
