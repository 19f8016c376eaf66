/** What a runtime's port makes of a network, a proxy or a deployment that fails. */
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { BootstrapTokenError, InvalidInputError, Secret } from "@lobstercontrol/core";
import { createConvexBootstrapPort, createConvexRuntimePort } from "@lobstercontrol/convex/runtime";
import {
  createRuntimeClient,
  ControlPlaneUnreachableError,
  UnexpectedError,
} from "@lobstercontrol/core/http";
import { expect, it, onTestFinished } from "vitest";
import { subjectOver } from "../../packages/convex/tests/subject.ts";
import { startBackend } from "./backend.ts";

/** The token; assembled, so that no scanner takes it for a real one. */
const serviceToken = ["lcs", "canary0123456789abcdefcanary0123"].join("_");

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function errorOf(url: string, over = {}): Promise<Error> {
  const port = createConvexRuntimePort({ url, serviceToken, ...over });
  const error = await port.agents().then(
    () => new Error("it was answered"),
    (thrown: unknown) => thrown as Error,
  );
  expect(JSON.stringify([error, error.message, error.stack, String(error.cause)])).not.toContain("canary");
  return error;
}

it("says that nobody answers, and that another try may help", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const error = await errorOf(`http://127.0.0.1:${port}`);
  expect(error).toBeInstanceOf(ControlPlaneUnreachableError);
  expect(error).toMatchObject({ retryable: true, message: expect.stringContaining("ECONNREFUSED") });
});

it("does not wait for an answer without end", async () => {
  const url = await serve(() => {});
  expect(await errorOf(url, { timeoutMs: 50 })).toMatchObject({
    code: "ERR_CONTROL_PLANE_UNREACHABLE",
    message: expect.stringContaining("TimeoutError"),
  });
});

it("takes the 503 of a proxy for nobody's answer, and its words for nothing", async () => {
  const url = await serve((_, response) => {
    response.writeHead(503);
    response.end("canary of a proxy");
  });
  expect(await errorOf(url)).toMatchObject({ code: "ERR_CONTROL_PLANE_UNREACHABLE" });
});

it("takes a function that failed for a failure that may pass", async () => {
  const url = await serve((_, response) => {
    response.writeHead(560, { "content-type": "application/json" });
    response.end(JSON.stringify({ status: "error", errorMessage: "Server Error", logLines: [] }));
  });
  const error = await errorOf(url);
  expect(error).toBeInstanceOf(UnexpectedError);
  expect(error).toMatchObject({ retryable: true });
});

it("tells a droplet that its bootstrap token is none, as a control plane does", async () => {
  const backend = await startBackend();
  onTestFinished(() => backend.close());
  const bootstrap = createConvexBootstrapPort({ url: backend.url });
  const bootstrapToken = new Secret(["lcb", "canary0123456789abcdefcanary0123"].join("_"));
  const error: unknown = await bootstrap
    .exchange({ bootstrapToken, serviceTokenHash: "ab".repeat(32) })
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(BootstrapTokenError);
  expect(JSON.stringify(error)).not.toContain("canary");
  await expect(bootstrap.phase({ bootstrapToken, phase: "docker", ok: true })).rejects.toThrow(
    BootstrapTokenError,
  );
});

it.each(["http://convex.example.com", "https://user:word@convex.example.com", "no url"])(
  "sends its token to no such place as %s",
  (url) => {
    expect(() => createConvexRuntimePort({ url, serviceToken })).toThrow(InvalidInputError);
  },
);

it("refuses a token of two lines without repeating it", () => {
  expect(() =>
    createConvexRuntimePort({ url: "https://convex.example.com", serviceToken: `${serviceToken}\nx` }),
  ).toThrow(expect.not.objectContaining({ message: expect.stringContaining("canary") }) as Error);
});

it("also serves runtimes that speak HTTP and not Convex, at the path that the app gave", async () => {
  const backend = await startBackend();
  onTestFinished(() => backend.close());
  const { platform, admin } = subjectOver(backend);
  await platform.upsertAccount({ account: "acme" });
  await platform.upsertAgent({ account: "acme", agent: "writer" });
  const { token } = await admin({ id: "user-1" }, "acme").issueServiceToken();
  const port = createRuntimeClient({ url: `${backend.url}/lobster`, serviceToken: token });
  expect((await port.agents()).agents).toMatchObject([{ slug: "writer" }]);
  const stranger = createRuntimeClient({ url: `${backend.url}/lobster`, serviceToken });
  await expect(stranger.agents()).rejects.toMatchObject({ code: "ERR_UNAUTHORIZED" });
});
