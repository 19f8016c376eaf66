import type { IncomingMessage, ServerResponse } from "node:http";
import { tornAnswers } from "./torn-answers.ts";
import type { MockGateway } from "./types.ts";

/** A mock gateway on a port; made by {@link listenMockGateway}. */
export interface MockGatewayServer {
  /** Where it listens, such as `http://127.0.0.1:41873`. */
  url: string;
  /** Cuts every connection and frees the port, as a gateway does that dies. */
  close(): Promise<void>;
}

/**
 * Puts a mock gateway on a port of loopback, so that cut connections, disconnecting clients and a gateway that is down
 * are real ones. Node only.
 *
 * @param gateway made by `createMockGateway`
 * @param options `port`: a free one by default
 *
 * @example
 * ```ts
 * import { createMockGateway, listenMockGateway } from "@lobstercontrol/openclaw-client/testing";
 *
 * const server = await listenMockGateway(createMockGateway());
 * console.log(server.url);
 * await server.close();
 * ```
 */
export async function listenMockGateway(
  gateway: Pick<MockGateway, "fetch">,
  options: { port?: number } = {},
): Promise<MockGatewayServer> {
  // Loaded here, so that the rest of the mock also loads where there is no Node.
  const { createServer } = await import("node:http");
  const server = createServer((incoming, outgoing) => {
    serve(gateway, incoming, outgoing).catch(() => incoming.socket.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
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
  gateway: Pick<MockGateway, "fetch">,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const client = new AbortController();
  outgoing.once("close", () => {
    if (!outgoing.writableFinished) client.abort();
  });
  const { method = "GET", url = "/", headers } = incoming;
  const body = await readBody(incoming);
  const response = await gateway.fetch(
    new Request(new URL(url, "http://127.0.0.1"), {
      method,
      headers: Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]),
      signal: client.signal,
      ...(method === "GET" || method === "HEAD" ? {} : { body }),
    }),
  );
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body !== null) {
    // Headers go out before the body has anything to say, as they do at the gateway.
    outgoing.flushHeaders();
    for await (const chunk of response.body) {
      await write(outgoing, chunk);
      if (tornAnswers.has(response)) await untilRead();
    }
  }
  outgoing.end();
}

async function readBody(incoming: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

/** Waits until the bytes are out: a cut that follows must not take them along. */
function write(outgoing: ServerResponse, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    outgoing.write(chunk, () => resolve());
  });
}

/** Lets whoever reads in this process have one piece before the next is out: it would find both in one else. */
async function untilRead(): Promise<void> {
  for (let turns = 0; turns < 3; turns++) await new Promise((resolve) => setImmediate(resolve));
}
