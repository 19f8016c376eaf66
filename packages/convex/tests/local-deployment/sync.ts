import type { Server } from "node:http";
import type { JSONValue } from "convex/values";
import { WebSocketServer, type WebSocket } from "ws";
import type { createCallFunction } from "./call-function.ts";
import type { CalledBy, Kind, WireCall } from "./types.ts";

type ClientMessage =
  | { type: "Connect" | "Event" }
  | { type: "Authenticate"; tokenType: "None" | "User" | "Admin"; value?: string; baseVersion: number }
  | {
      type: "ModifyQuerySet";
      newVersion: number;
      modifications: (
        | { type: "Add"; queryId: number; udfPath: string; args: JSONValue[] }
        | { type: "Remove"; queryId: number }
      )[];
    }
  | { type: "Mutation" | "Action"; requestId: number; udfPath: string; args: JSONValue[] };

interface Connection {
  socket: WebSocket;
  querySet: number;
  identityVersion: number;
  at: bigint;
  by: CalledBy;
  queries: Map<number, WireCall & { shown?: string }>;
  /** Messages are dealt with one after another. */
  tail: Promise<unknown>;
}

/** The sockets of subscriptions. */
export interface Sync {
  /** Runs every query that somebody is subscribed to again, and tells what has changed. */
  refresh(): Promise<unknown>;
  /** How many are connected. */
  sockets(): number;
  /** Cuts every connection. */
  drop(): void;
  close(): void;
}

const nobody: CalledBy = { identity: null, isAdmin: false };

/** Serves Convex's sync protocol on a server: what `ConvexClient` needs of it. */
export function serveSync(
  server: Server,
  callFunction: ReturnType<typeof createCallFunction>,
  signIn: (token: string) => CalledBy,
): Sync {
  const connections = new Set<Connection>();
  let now = 1n;

  const send = (connection: Connection, message: unknown): void => {
    if (connection.socket.readyState === 1) connection.socket.send(JSON.stringify(message));
  };
  function inTurn(connection: Connection, act: () => Promise<void>): Promise<unknown> {
    connection.tail = connection.tail
      .then(act)
      .catch((error: unknown) => send(connection, { type: "FatalError", error: String(error) }));
    return connection.tail;
  }

  /** Brings a client to now: queries whose answer has changed, and the versions that it counts by. */
  async function transition(
    connection: Connection,
    {
      querySet = connection.querySet,
      identity = connection.identityVersion,
      always = true,
      removed = [] as unknown[],
    } = {},
  ): Promise<void> {
    const at = now;
    const modifications = [...removed];
    for (const [queryId, query] of connection.queries) {
      const result = await callFunction("query", query, connection.by);
      const { success, kind: _kind, ...rest } = result;
      const told = {
        type: success ? "QueryUpdated" : "QueryFailed",
        queryId,
        ...rest,
        logLines: [],
        journal: null,
      };
      const shown = JSON.stringify(told);
      if (shown === query.shown) continue;
      query.shown = shown;
      modifications.push(told);
    }
    if (!always && modifications.length === 0) return;
    const startVersion = versionOf(connection);
    Object.assign(connection, {
      querySet,
      identityVersion: identity,
      at: at > connection.at ? at : connection.at,
    });
    send(connection, { type: "Transition", startVersion, endVersion: versionOf(connection), modifications });
  }

  async function run(
    connection: Connection,
    { type, requestId, udfPath, args }: Extract<ClientMessage, { requestId: number }>,
  ): Promise<void> {
    const kind = type.toLowerCase() as Kind;
    const result = await callFunction(kind, { path: udfPath, args: args[0] ?? {} }, connection.by);
    const answer = { type: `${type}Response`, requestId, logLines: [] };
    if (!result.success)
      return send(connection, {
        ...answer,
        success: false,
        result: result.errorMessage,
        errorData: result.errorData,
      });
    if (kind === "action") send(connection, { ...answer, success: true, result: result.value });
    // A client takes a mutation for done once it has been brought to its time.
    now++;
    if (kind === "mutation")
      send(connection, { ...answer, success: true, result: result.value, ts: encoded(now) });
    await transition(connection);
    void refresh();
  }

  async function receive(connection: Connection, message: ClientMessage): Promise<void> {
    switch (message.type) {
      case "Connect":
      case "Event":
        return;
      case "Authenticate":
        try {
          connection.by = message.tokenType === "None" ? nobody : signIn(message.value ?? "");
        } catch (error) {
          const { baseVersion } = message;
          return send(connection, {
            type: "AuthError",
            error: String(error),
            baseVersion,
            authUpdateAttempted: true,
          });
        }
        return await transition(connection, { identity: message.baseVersion + 1 });
      case "ModifyQuerySet": {
        const removed: unknown[] = [];
        for (const change of message.modifications) {
          if (change.type === "Add")
            connection.queries.set(change.queryId, { path: change.udfPath, args: change.args[0] ?? {} });
          else {
            connection.queries.delete(change.queryId);
            removed.push({ type: "QueryRemoved", queryId: change.queryId });
          }
        }
        return await transition(connection, { querySet: message.newVersion, removed });
      }
      case "Mutation":
      case "Action":
        return await run(connection, message);
    }
  }

  const refresh = (): Promise<unknown> => {
    now++;
    return Promise.all(
      Array.from(connections, (connection) =>
        inTurn(connection, () => transition(connection, { always: false })),
      ),
    );
  };

  const sockets = new WebSocketServer({ server });
  sockets.on("connection", (socket, request) => {
    if (!/^\/api\/[^/]+\/sync$/.test(request.url ?? "")) return socket.close(1008);
    const connection: Connection = {
      socket,
      querySet: 0,
      identityVersion: 0,
      at: 0n,
      by: nobody,
      queries: new Map(),
      tail: Promise.resolve(),
    };
    connections.add(connection);
    socket.on("close", () => connections.delete(connection));
    socket.on("message", (raw: Buffer) => {
      const message = JSON.parse(raw.toString()) as ClientMessage;
      void inTurn(connection, () => receive(connection, message));
    });
  });

  const drop = (): void => {
    for (const { socket } of connections) socket.terminate();
  };
  return {
    refresh,
    sockets: () => connections.size,
    drop,
    close() {
      drop();
      sockets.close();
    },
  };
}

const versionOf = ({ querySet, identityVersion, at }: Connection) => ({
  querySet,
  identity: identityVersion,
  ts: encoded(at),
});

/** Eight bytes, the lowest first, as base64. */
function encoded(time: bigint): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(time);
  return bytes.toString("base64");
}
