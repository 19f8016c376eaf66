import { createServer, type Server } from "node:http";
import { createDotsApi } from "@lobstercontrol/provisioner/dots";
import { describe, expect, it } from "vitest";
import { listen } from "./fake/listen.ts";
import { createWorld, expectByTheDocument, hasDocument, newDroplet, token } from "./world.ts";

describe.skipIf(!hasDocument)("over real sockets", () => {
  it("makes, finds and deletes a droplet", async () => {
    const world = await createWorld();
    const server = await listen(world.fake);
    const api = createDotsApi({ token, baseUrl: `${server.url}/` });

    const { id } = await api.createDroplet(newDroplet());
    expect((await api.listDroplets("lobster:attempt:2")).map((droplet) => droplet.id)).toEqual([id]);
    await api.deleteDroplet(id);
    expect(await api.getDroplet(id)).toBeNull();

    await server.close();
    expectByTheDocument(world);
  });

  it.each([
    ["reset", "unreachable"],
    ["cutBody", "unreachable"],
    ["truncated", "garbled"],
    ["silence", "timeout"],
    ["html502", "unavailable"],
  ] as const)("%s after the create: it may have been done, and it was sent once", async (kind, reason) => {
    const world = await createWorld();
    const server = await listen(world.fake);
    world.fake.fail({ kind, effect: true });
    const api = createDotsApi({ token, baseUrl: server.url, timeoutMs: 200 });

    await expect(api.createDroplet(newDroplet())).rejects.toMatchObject({ outcome: "unknown", reason });

    expect(await api.listDroplets("lobster:attempt:2")).toHaveLength(1);
    await server.close();
    expect(world.sent().filter(({ method }) => method === "POST")).toHaveLength(1);
  });

  it("an answer that stops in the middle is given up in time", async () => {
    const server = createServer((_, outgoing) => {
      outgoing.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
      outgoing.write('{"account":');
    });
    const url = await start(server);

    await expect(createDotsApi({ token, baseUrl: url, timeoutMs: 200 }).getAccount()).rejects.toMatchObject({
      outcome: "unknown",
      reason: "timeout",
    });
    await stop(server);
  });

  it.each(["nobody listens", "there is no such host"])("certainly not sent: %s", async (what) => {
    const server = createServer();
    const url = await start(server);
    await stop(server);
    const api = createDotsApi({ token, baseUrl: what === "nobody listens" ? url : "https://nobody.invalid" });

    await expect(api.createDroplet(newDroplet())).rejects.toMatchObject({
      outcome: "notSent",
      reason: "unreachable",
      status: null,
    });
  });
});

async function start(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  return `http://127.0.0.1:${address.port}`;
}

async function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}
