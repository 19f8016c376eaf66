import { request } from "node:http";
import type { ConditionType } from "@lobstercontrol/core";
import { describe, expect, it, onTestFinished } from "vitest";
import type { RuntimeHealth } from "../health/snapshot.ts";
import { listenHealth } from "./health-server.ts";

function condition(type: ConditionType, status: "true" | "false"): RuntimeHealth["conditions"][number] {
  return { type, status, reason: "Because", message: "It is so.", runbook: "https://docs", forMs: 1 };
}

const health: RuntimeHealth = {
  status: "online",
  conditions: [condition("GatewayReachable", "true"), condition("Claiming", "true")],
  version: "1.2.3",
  gatewayVersion: "2026.9.6",
  running: 0,
  rosterRevision: 1,
  keysGeneration: 2,
  uptimeMs: 3,
};

async function open(now: Partial<RuntimeHealth> = {}, host = "127.0.0.1") {
  const server = await listenHealth({
    host,
    port: 0,
    health: () => ({ ...health, ...now }),
    metrics: async () => ({ type: "text/plain; version=0.0.4", text: "lobster_running 0\n" }),
  });
  onTestFinished(() => server.close());
  const { port } = new URL(server.url);
  /** By hand: fetch does not let a Host header be chosen. */
  const ask = (path: string, headers: Record<string, string> = {}, method = "GET") =>
    new Promise<{ status: number | undefined; text: string; type: string | undefined }>((resolve, reject) => {
      request({ host: "127.0.0.1", port, path, method, headers }, (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => (text += chunk.toString()));
        response.on("end", () =>
          resolve({ status: response.statusCode, text, type: response.headers["content-type"] }),
        );
      })
        .on("error", reject)
        .end();
    });
  return { server, ask };
}

it("shows health, readiness, versions and numbers", async () => {
  const { ask } = await open();
  const shown = await ask("/health");
  expect([shown.status, JSON.parse(shown.text)]).toEqual([200, health]);
  expect(JSON.parse((await ask("/ready")).text)).toEqual({ ready: true, failing: [] });
  expect(JSON.parse((await ask("/version")).text)).toEqual({
    version: "1.2.3",
    gatewayVersion: "2026.9.6",
    node: process.version,
  });
  expect(await ask("/metrics?x=1")).toEqual({
    status: 200,
    text: "lobster_running 0\n",
    type: "text/plain; version=0.0.4",
  });
  expect((await ask("/")).status).toBe(404);
});

describe("the status code says", () => {
  const drained = [condition("GatewayReachable", "true"), condition("Claiming", "false")];
  it.each<[Partial<RuntimeHealth>, number, number]>([
    [{ status: "online" }, 200, 200],
    [{ status: "degraded" }, 200, 200],
    [{ status: "degraded", conditions: drained }, 200, 503],
    [{ status: "error", conditions: [condition("GatewayReachable", "false")] }, 503, 503],
    [{ status: "offline" }, 503, 503],
  ])("%j", async (now, healthCode, readyCode) => {
    const { ask } = await open(now);
    expect([(await ask("/health")).status, (await ask("/ready")).status]).toEqual([healthCode, readyCode]);
  });
});

it("takes GET and HEAD alone", async () => {
  const { ask } = await open();
  expect(await ask("/health", {}, "HEAD")).toMatchObject({ status: 200, text: "" });
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS"])
    expect((await ask("/health", {}, method)).status).toBe(405);
});

describe("on loopback", () => {
  it.each(["localhost", "LOCALHOST:1", "127.0.0.1:80", "127.9.9.9", "[::1]:8080", "[::1]"])(
    "answers to %s",
    async (host) => {
      const { ask } = await open();
      expect((await ask("/health", { host })).status).toBe(200);
    },
  );

  it.each(["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1:80", "127.evil"])(
    "does not answer to %j, by which a page in a browser might have come",
    async (host) => {
      const { ask } = await open();
      for (const path of ["/health", "/metrics", "/version"]) {
        const { status, text } = await ask(path, { host });
        expect(status).toBe(421);
        expect(text).not.toMatch(/1\.2\.3|lobster/);
      }
    },
  );

  it("and elsewhere it answers to any name, since that is what it was put there for", async () => {
    const { ask } = await open({}, "0.0.0.0");
    expect((await ask("/health", { host: "runtime.internal" })).status).toBe(200);
  });
});

it("says nothing of what it was when its numbers cannot be read", async () => {
  const server = await listenHealth({
    host: "127.0.0.1",
    port: 0,
    health: () => health,
    metrics: () => Promise.reject(new Error("secret thing")),
  });
  onTestFinished(() => server.close());
  const response = await fetch(`${server.url}/metrics`);
  expect([response.status, await response.text()]).toEqual([500, "The numbers could not be read.\n"]);
});

it("refuses a port that somebody has, and frees its own", async () => {
  const { server } = await open();
  const port = Number(new URL(server.url).port);
  const options = {
    host: "127.0.0.1",
    port,
    health: () => health,
    metrics: async () => ({ type: "", text: "" }),
  };
  await expect(listenHealth(options)).rejects.toMatchObject({ code: "EADDRINUSE" });
  await server.close();
  const again = await listenHealth(options);
  await again.close();
});
