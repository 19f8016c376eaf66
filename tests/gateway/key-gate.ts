import { createServer, request as forward } from "node:http";
import type { AddressInfo } from "node:net";
import { Secret } from "@lobstercontrol/core";

/** A key that no other test has, and nobody else; assembled, so that no scanner takes it for a real one. */
export const newKey = (): Secret => new Secret(["sk", "canary", crypto.randomUUID()].join("-"));

/** A model provider that looks at keys before it lets a call through. */
export interface KeyGate {
  /** Its base URL for the gateway's config, ending in `/v1`. */
  url: string;
  /** What it answers to a key; 200 for one that may pass. Every key may, at first. */
  statuses: Map<string, number>;
  /** Every call for words so far, oldest first. */
  calls: readonly { key: string; status: number; path: string }[];
  /** Hangs up on whoever is connected, and ends. */
  close: () => Promise<void>;
}

/**
 * Starts a gate on loopback before a model provider that needs no key. It finds the key in any of the headers that
 * providers have.
 */
export async function startKeyGate(models: { url: string }): Promise<KeyGate> {
  const statuses = new Map<string, number>();
  const calls: { key: string; status: number; path: string }[] = [];
  const server = createServer((request, response) => {
    const { authorization, "x-api-key": anthropic, "x-goog-api-key": google } = request.headers;
    const key =
      [authorization?.replace(/^Bearer /, ""), anthropic, google].flat().find((each) => each !== undefined) ??
      "";
    const status = statuses.get(key) ?? 200;
    const path = request.url ?? "";
    const isCall = request.method === "POST";
    if (isCall) calls.push({ key, status, path });
    if (status !== 200 || !isCall) {
      request.resume();
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(status === 200 ? { data: [] } : { error: { message: "no", type: "no" } }));
      return;
    }
    const target = new URL(path, models.url);
    const onward = forward(
      target,
      { method: "POST", headers: { ...request.headers, host: target.host } },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on("error", () => response.destroy());
    response.on("close", () => onward.destroy());
    request.pipe(onward);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    statuses,
    calls,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
