import { createDotsApi } from "@lobstercontrol/provisioner/dots";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { documentFile } from "./fake/document.ts";
import { listen, type DigitalOceanServer } from "./fake/listen.ts";
import { startPrism, type Prism } from "./prism/start-prism.ts";
import { calls, callNames, createWorld, token, type World } from "./world.ts";

const entry = inject("prism");

describe.skipIf(entry === null || documentFile === null)(
  "through Prism, which judges by the same document",
  () => {
    let world: World;
    let server: DigitalOceanServer;
    let prism: Prism;
    beforeAll(async () => {
      // Each test has a world of its own behind the one server.
      server = await listen({ fetch: (input, init) => world.fake.fetch(input, init) });
      prism = await startPrism(entry ?? "", documentFile ?? "", server.url);
    });
    afterAll(async () => {
      await prism.stop();
      await server.close();
    });

    const send = async (method: string, path: string, body?: unknown): Promise<Response> =>
      fetch(`${prism.url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });

    it.each(callNames)("%s passes, and so does its answer", async (name) => {
      world = await createWorld();
      const through = { ...world, api: createDotsApi({ token, baseUrl: prism.url }) };
      const straight = await createWorld();

      const told = await calls[name](through);

      expect(world.fake.requests).toHaveLength(1);
      expect(told).toEqual(await calls[name](straight));
    });

    it("passes a list of several pages", async () => {
      world = await createWorld();
      for (let number = 0; number < 250; number++) world.fake.add.droplet({ tags: ["lobster:many"] });

      expect(await createDotsApi({ token, baseUrl: prism.url }).listDroplets("lobster:many")).toHaveLength(
        250,
      );
    });

    it.each(["401", "422", "429", "500"] as const)(
      "passes a %s, which is told as without it",
      async (kind) => {
        world = await createWorld();
        const straight = await createWorld();
        for (const { fake } of [world, straight]) fake.fail({ kind, times: 1 });

        const told = await createDotsApi({ token, baseUrl: prism.url, clock: world.clock })
          .getAccount()
          .catch((error: unknown) => error);

        expect(told).toEqual(await straight.api.getAccount().catch((error: unknown) => error));
      },
    );

    it("bites: a wrong request does not pass", async () => {
      world = await createWorld();

      const response = await send("POST", "/v2/droplets", { name: "a", size: "s-1vcpu-2gb" });

      expect(response.status).toBe(422);
      expect(await response.text()).toContain("must have required property 'image'");
      expect(world.fake.requests).toEqual([]);
    });

    it("bites: a wrong answer does not pass, and is no droplet for the client", async () => {
      world = await createWorld();
      const { id } = world.fake.add.droplet({ size: "s-unknown" });

      const response = await send("GET", `/v2/droplets/${id}`);

      expect(response.status).toBe(500);
      expect(await response.text()).toContain("must have required property 'memory'");
      await expect(createDotsApi({ token, baseUrl: prism.url }).getDroplet(id)).rejects.toMatchObject({
        outcome: "unknown",
        reason: "unavailable",
      });
    });
  },
);
