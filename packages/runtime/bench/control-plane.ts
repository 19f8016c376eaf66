/** The control plane in a process of its own, behind its HTTP binding: told `PATH`, it says its port and a token. */
import { createServer } from "node:http";
import { Readable } from "node:stream";
import { createRuntimeHandler } from "@lobstercontrol/core/http";
import { createSqliteControlPlane } from "@lobstercontrol/sqlite";

const [path = ""] = process.argv.slice(2);
const controlPlane = createSqliteControlPlane({ path });
const { platform } = controlPlane;
const account = "acme";
await platform.upsertAccount({ account });
await platform.upsertAgent({ account, agent: "writer" });
const { token } = await controlPlane.admin({ id: "bench" }, account).issueServiceToken();
const handler = createRuntimeHandler({ controlPlane });

const server = createServer((incoming, outgoing) => {
  void (async () => {
    const gone = new AbortController();
    outgoing.once("close", () => gone.abort());
    const response = await handler(
      new Request(new URL(incoming.url ?? "/", "http://127.0.0.1"), {
        method: incoming.method ?? "GET",
        headers: Object.entries(incoming.headers).map(([name, value]): [string, string] => [
          name,
          String(value),
        ]),
        signal: gone.signal,
        ...(incoming.method === "POST"
          ? { body: Readable.toWeb(incoming) as ReadableStream<Uint8Array>, duplex: "half" }
          : {}),
      }),
    );
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.flushHeaders();
    for await (const chunk of response.body ?? []) outgoing.write(chunk);
    outgoing.end();
  })().catch(() => incoming.socket.destroy());
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.send?.({ port: typeof address === "object" ? address?.port : 0, token: token.reveal() });
});
process.on("message", ({ index, thread }: { index: number; thread: string }) => {
  const cause = { account, agent: "writer", thread, idempotencyKey: String(index) };
  void platform.notify({ ...cause, input: String(index) }).then(() => process.send?.({ stored: index }));
});
process.on("disconnect", () => {
  server.closeAllConnections();
  controlPlane.close();
  process.exit();
});
