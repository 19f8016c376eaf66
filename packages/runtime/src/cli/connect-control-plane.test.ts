import { createConvexRuntimePort } from "@lobstercontrol/convex/runtime";
import { Secret } from "@lobstercontrol/core";
import { expect, it } from "vitest";
import { connectControlPlane } from "./connect-control-plane.ts";

const convex = { kind: "convex", url: "https://happy-animal-1.convex.cloud" } as const;
const token = new Secret("service-token");

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
  const { bootstrap } = await connectControlPlane(convex, token, { importConvex });
  expect([asked, bootstrap]).toEqual([[{ url: convex.url, serviceToken: token }], null]);
});

it("finds the package by itself where it is installed", async () => {
  const { port, bootstrap } = await connectControlPlane(convex, token);
  const { url } = convex;
  expect(Object.keys(port)).toEqual(Object.keys(createConvexRuntimePort({ url, serviceToken: token })));
  expect(bootstrap).toHaveProperty("exchange");
});
