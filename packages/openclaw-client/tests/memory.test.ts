import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { createOpenClawClient } from "@lobstercontrol/openclaw-client";
import { expect, it } from "vitest";

const program = join(import.meta.dirname, "long-reply.ts");
const megabytes = 160;

it.each(["create", "stream"])(
  "%s reads a reply of 10 MB in bounded memory",
  { timeout: 60_000 },
  async (how) => {
    const flags = ["--conditions=@lobstercontrol/source", `--max-old-space-size=${megabytes}`];
    const { stdout } = await promisify(execFile)(process.execPath, [...flags, program, how]);

    expect(stdout.trim()).toBe(String(10 * 1_024 * 1_024));
  },
);

it("reads no further ahead than its reader", async () => {
  const event = { type: "response.output_text.delta", delta: "x".repeat(1_000) };
  const bytes = new TextEncoder().encode(`data: ${JSON.stringify(event)}\n\n`);
  let pulled = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        pulled++;
        controller.enqueue(bytes);
      },
    },
    { highWaterMark: 0 },
  );
  const client = createOpenClawClient({
    baseUrl: "http://gateway.test",
    token: "t",
    fetch: async () => new Response(body, { headers: { "content-type": "text/event-stream" } }),
  });
  let read = 0;
  for await (const _ of client.responses.stream({ agent: "main", user: "bea", input: "Go on." })) {
    await new Promise((resolve) => setTimeout(resolve));
    expect(pulled).toBe(++read);
    if (read === 5) break;
  }
});
