import { createServer } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Handler } from "@lobstercontrol/core/http";

/**
 * Serves a handler on loopback, for a proxy that has TLS before it.
 *
 * @returns ends it
 */
export async function serve(handler: Handler, port: number): Promise<() => void> {
  const server = createServer((incoming, outgoing) => {
    // A stream of wake-ups goes on until somebody says that its reader has gone.
    const gone = new AbortController();
    outgoing.once("close", () => gone.abort());
    const method = incoming.method ?? "GET";
    const request = new Request(new URL(incoming.url ?? "/", `http://127.0.0.1:${port}`), {
      method,
      headers: Object.entries(incoming.headers).flatMap(([name, value]): [string, string][] =>
        value === undefined ? [] : [[name, String(value)]],
      ),
      signal: gone.signal,
      ...(method === "GET" || method === "HEAD" ? {} : { body: Readable.toWeb(incoming), duplex: "half" }),
    });
    void handler(request).then(async (answer) => {
      outgoing.writeHead(answer.status, Object.fromEntries(answer.headers));
      if (answer.body === null) outgoing.end();
      else await pipeline(Readable.fromWeb(answer.body), outgoing).catch(() => {});
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return () => {
    server.closeAllConnections();
    server.close();
  };
}
