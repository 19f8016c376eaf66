import { createConvexRuntimePort } from "@lobstercontrol/convex/runtime";
import { Secret, silentLogger } from "@lobstercontrol/core";
import { afterEach, expect, it, vi } from "vitest";
import { connectControlPlane } from "./connect-control-plane.ts";

const convex = { kind: "convex", url: "https://happy-animal-1.convex.cloud" } as const;
const http = { kind: "http", url: "https://platform.example.com" } as const;
const token = new Secret("service-token");

afterEach(() => void vi.useRealTimers());

it("waits for each try of a call over HTTP as long as it is told", async () => {
  vi.useFakeTimers();
  const fetch = vi.fn<typeof globalThis.fetch>(() => new Promise(() => {}));
  const { port } = await connectControlPlane(http, token, { timeoutMs: 2_000, fetch });
  const asked = port.agents().catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(1_999);
  expect(fetch).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(String(await asked)).toContain("no answer within 2000 ms");
  expect(fetch.mock.calls.length).toBeGreaterThan(1);
});

it("waits for each call to Convex as long as it is told", async () => {
  const fetch: typeof globalThis.fetch = (_, init) =>
    new Promise((_resolve, reject) =>
      init?.signal?.addEventListener("abort", () => reject(init.signal?.reason)),
    );
  const { port } = await connectControlPlane(convex, token, { timeoutMs: 20, fetch });
  await expect(port.agents()).rejects.toMatchObject({ code: "ERR_CONTROL_PLANE_UNREACHABLE" });
});

it("asks for the package when the control plane is on Convex and it is not installed", async () => {
  const importConvex = (): Promise<never> =>
    Promise.reject(Object.assign(new Error("Cannot find package"), { code: "ERR_MODULE_NOT_FOUND" }));
  await expect(connectControlPlane(convex, token, { importConvex })).rejects.toMatchObject({
    code: "ERR_CONFIG_INVALID",
    problems: [{ name: "CONVEX_URL", problem: expect.stringContaining("install it") }],
  });
});

it("does not hide that the package is there and broken", async () => {
  const importConvex = (): Promise<never> => Promise.reject(new SyntaxError("broken"));
  await expect(connectControlPlane(convex, token, { importConvex })).rejects.toThrow("broken");
});

it("makes the ports with the package", async () => {
  const asked: unknown[] = [];
  const importConvex = async () => ({
    createConvexRuntimePort: (options: unknown) => asked.push(options),
  });
  const own = { timeoutMs: 2_000, logger: silentLogger };
  const { bootstrap } = await connectControlPlane(convex, token, { ...own, importConvex });
  expect([asked, bootstrap]).toEqual([[{ url: convex.url, serviceToken: token, ...own }], null]);
});

it("finds the package by itself where it is installed", async () => {
  const { port, bootstrap } = await connectControlPlane(convex, token);
  const { url } = convex;
  expect(Object.keys(port)).toEqual(Object.keys(createConvexRuntimePort({ url, serviceToken: token })));
  expect(bootstrap).toHaveProperty("exchange");
});
