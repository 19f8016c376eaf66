import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { DigitalOceanFake } from "./types.ts";

/** The fake on a port of loopback. */
export interface DigitalOceanServer {
  /** Such as `http://127.0.0.1:41873`. */
  url: string;
  /** Cuts every connection and frees the port. */
  close(): Promise<void>;
}

/** Puts the fake on a port, so that cut connections and silence are real ones. */
export async function listen(fake: Pick<DigitalOceanFake, "fetch">): Promise<DigitalOceanServer> {
  const server = createServer((incoming, outgoing) => {
    // What fails for a caller of `fetch` is a cut connection here.
    serve(fake, incoming, outgoing).catch(() => incoming.socket.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(
  fake: Pick<DigitalOceanFake, "fetch">,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const client = new AbortController();
  outgoing.once("close", () => client.abort());
  const { method = "GET", url = "/", headers } = incoming;
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Uint8Array);
  const body = Buffer.concat(chunks);
  const response = await fake.fetch(new URL(url, "http://127.0.0.1"), {
    method,
    headers: Object.entries(headers).flatMap(([name, value]): [string, string][] =>
      hopByHop.has(name) ? [] : [[name, String(value)]],
    ),
    signal: client.signal,
    ...(body.length === 0 ? {} : { body }),
  });
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body !== null)
    for await (const chunk of response.body)
      await new Promise<void>((resolve) => {
        outgoing.write(chunk, () => resolve());
      });
  outgoing.end();
}

const hopByHop = new Set([
  "connection",
  "host",
  "keep-alive",
  "transfer-encoding",
  "content-length",
  "expect",
]);
