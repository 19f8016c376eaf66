/**
 * An app on convex-test, served over the wire formats of Convex's real clients on loopback. It is no Convex deployment: nothing
 * is kept, mutations never conflict, crons do not run, and nothing of Convex's own code is behind it but its clients.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { JSONValue } from "convex/values";
import { createCallFunction } from "./call-function.ts";
import { serveSync } from "./sync.ts";
import {
  NotSignedIn,
  type CalledBy,
  type ConvexTest,
  type Kind,
  type LocalDeploymentOptions,
} from "./types.ts";

/** An app that real clients can reach. */
export interface LocalDeployment {
  url: string;
  /** How many subscribers are connected. */
  sockets(): number;
  /** Cuts their connections. */
  dropSockets(): void;
  close(): Promise<void>;
}

/** Scheduled functions change things that nobody called for, in milliseconds. */
const lookEveryMs = 200;

/** Starts it on a free port. */
export async function startLocalDeployment(options: LocalDeploymentOptions): Promise<LocalDeployment> {
  const callFunction = createCallFunction(options);

  function signIn(token: string): CalledBy {
    const identity = options.identityOf(token);
    if (identity === null) throw new NotSignedIn("Could not verify token");
    return { identity, isAdmin: false };
  }

  function callerOf({ headers }: IncomingMessage): CalledBy {
    const [, kind, token = ""] = /^(Bearer|Convex) (.*)$/.exec(headers.authorization ?? "") ?? [];
    if (kind === undefined) return { identity: null, isAdmin: false };
    if (kind === "Bearer") return signIn(token);
    const [key, actingAs] = token.split(":");
    if (key !== options.adminKey) throw new NotSignedIn("The admin key is not that of this deployment");
    if (actingAs === undefined) return { identity: null, isAdmin: true };
    return { identity: JSON.parse(Buffer.from(actingAs, "base64").toString()), isAdmin: false };
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const json = (status: number, value: unknown): void => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(value));
    };
    const body = await bodyOf(request);
    const [, asked] = /^\/api\/(query|mutation|action|function)$/.exec(request.url ?? "") ?? [];
    if (asked === undefined) return await answerHttpAction(request, body, response);
    const by = callerOf(request);
    const { path, args } = JSON.parse(body.toString()) as { path: string; args: JSONValue | JSONValue[] };
    const wanted = asked === "function" ? null : (asked as Kind);
    const { success, kind, ...result } = await callFunction(
      wanted,
      { path, args: Array.isArray(args) ? (args[0] ?? {}) : args },
      by,
    );
    // Who is subscribed hears of it no later than who called.
    if (kind !== "query") await sync.refresh();
    json(success ? 200 : 560, { status: success ? "success" : "error", ...result, logLines: [] });
  }

  /** Every other path is one of the app's own `http.ts`. */
  async function answerHttpAction(
    { url = "/", method = "GET", headers }: IncomingMessage,
    body: Buffer,
    response: ServerResponse,
  ): Promise<void> {
    const bearer = /^Bearer (.*)$/.exec(headers.authorization ?? "")?.[1];
    const identity = bearer === undefined ? null : options.identityOf(bearer);
    const anybody = options.t as ConvexTest;
    const as = identity === null ? anybody : anybody.withIdentity(identity);
    const told = await as.fetch(url, {
      method,
      headers: headers as Record<string, string>,
      ...(body.length > 0 ? { body } : {}),
    });
    await sync.refresh();
    response.writeHead(told.status, Object.fromEntries(told.headers));
    response.end(Buffer.from(await told.arrayBuffer()));
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.writeHead(error instanceof NotSignedIn ? 401 : 400);
      response.end(JSON.stringify({ code: "BadRequest", message: String(error) }));
    });
  });
  const sync = serveSync(server, callFunction, signIn);
  const look = setInterval(() => sync.sockets() > 0 && void sync.refresh(), lookEveryMs);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sockets: () => sync.sockets(),
    dropSockets: () => sync.drop(),
    async close() {
      clearInterval(look);
      sync.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
