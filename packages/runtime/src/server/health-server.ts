import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { isIP } from "node:net";
import type { RuntimeHealth } from "../health/snapshot.ts";

/** How {@link listenHealth} is set up. */
export interface HealthServerOptions {
  /** The address to listen on. */
  host: string;
  /** The port; 0 for any that is free. */
  port: number;
  /** Read with each request. */
  health: () => RuntimeHealth;
  /** What Prometheus reads. */
  metrics: () => Promise<{ type: string; text: string }>;
}

/** Shows how a runtime is. */
export interface HealthServer {
  /** Where it listens, such as `http://127.0.0.1:18780`. */
  url: string;
  /** Frees the port. */
  close(): Promise<void>;
}

interface Answer {
  status: number;
  type: string;
  text: string;
  allow?: string;
}

/** A request is one line and some headers; whoever sends more slowly has no business here. */
const requestMs = 5_000;
const mostConnections = 64;

/**
 * Serves `/health`, `/ready`, `/version` and `/metrics`. There is nothing secret in them, and nobody is asked who they are: it
 * belongs on loopback, where it answers only those who call it by a name of loopback, so that no page in a browser can
 * read it through a name of its own.
 *
 * `/health` is 200 while the runtime works (`online`, `degraded`) and 503 when it does not (`error`, `offline`). `/ready` is
 * 200 while it also takes work.
 */
export async function listenHealth(options: HealthServerOptions): Promise<HealthServer> {
  const { host, port } = options;
  const server = createServer(
    {
      requestTimeout: requestMs,
      headersTimeout: requestMs,
      keepAliveTimeout: requestMs,
      maxHeaderSize: 8_192,
    },
    (request, response) => {
      answer(request, options).then(
        (given) => send(request, response, given),
        () => send(request, response, plain(500, "The numbers could not be read.\n")),
      );
    },
  );
  server.maxConnections = mostConnections;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  const taken = typeof address === "object" && address !== null ? address.port : port;
  return {
    url: `http://${isIP(host) === 6 ? `[${host}]` : host}:${taken}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(request: IncomingMessage, options: HealthServerOptions): Promise<Answer> {
  const { method = "", url = "", headers } = request;
  if (isLoopback(options.host) && !isLoopback(nameOf(headers.host ?? "")))
    return plain(421, "This answers to names of loopback alone.\n");
  if (method !== "GET" && method !== "HEAD")
    return { ...plain(405, "Only GET and HEAD.\n"), allow: "GET, HEAD" };
  const [path] = url.split("?");
  if (path === "/metrics") return { status: 200, ...(await options.metrics()) };
  const health = options.health();
  if (path === "/health") return json(isUp(health) ? 200 : 503, health);
  if (path === "/ready") {
    const ready = isReady(health);
    const failing = health.conditions.filter(({ status }) => status !== "true").map(({ type }) => type);
    return json(ready ? 200 : 503, { ready, failing });
  }
  if (path === "/version")
    return json(200, {
      version: health.version,
      gatewayVersion: health.gatewayVersion,
      node: process.version,
    });
  return plain(404, "There are /health, /ready, /version and /metrics.\n");
}

function send(
  { method }: IncomingMessage,
  response: ServerResponse,
  { status, type, text, allow }: Answer,
): void {
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    ...(allow === undefined ? {} : { allow }),
  });
  response.end(method === "HEAD" ? undefined : text);
}

const isUp = ({ status }: RuntimeHealth): boolean => status === "online" || status === "degraded";

function isReady(health: RuntimeHealth): boolean {
  const holds = (type: string): boolean =>
    health.conditions.some((condition) => condition.type === type && condition.status === "true");
  return isUp(health) && holds("GatewayReachable") && holds("Claiming");
}

/** The name in a Host header, without its port. */
function nameOf(host: string): string {
  return host.replace(/:\d*$/, "").replace(/^\[(.*)\]$/, "$1");
}

function isLoopback(name: string): boolean {
  return (
    name.toLowerCase() === "localhost" || name === "::1" || (isIP(name) === 4 && name.startsWith("127."))
  );
}

const plain = (status: number, text: string): Answer => ({
  status,
  type: "text/plain; charset=utf-8",
  text,
});

const json = (status: number, value: unknown): Answer => ({
  status,
  type: "application/json; charset=utf-8",
  text: `${JSON.stringify(value, null, 2)}\n`,
});
