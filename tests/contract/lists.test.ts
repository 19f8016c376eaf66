import { describe, expect, it } from "vitest";
import { createWorld, expectByTheDocument, hasDocument, newDroplet, tag } from "./world.ts";

describe.skipIf(!hasDocument)("a list is whole", () => {
  it.each([0, 1, 199, 200, 201, 450])("reads %d droplets of a tag, in pages of 200", async (count) => {
    const world = await createWorld();
    const made = Array.from({ length: count }, () => world.fake.add.droplet({ tags: ["lobster:many"] }).id);

    const listed = await world.api.listDroplets("lobster:many");

    expect(listed.map(({ id }) => id)).toEqual(made);
    expect(world.fake.requests).toHaveLength(Math.max(1, Math.ceil(count / 200)));
    expectByTheDocument(world);
  });

  it("reads every firewall", async () => {
    const world = await createWorld();
    for (let number = 0; number < 250; number++) world.fake.add.firewall({ name: `fw-${number}` });

    expect(await world.api.listFirewalls()).toHaveLength(251);
    expectByTheDocument(world);
  });

  it("has only what carries the tag", async () => {
    const world = await createWorld();
    world.fake.add.droplet({ tags: [`${tag}0`] });

    expect((await world.api.listDroplets(tag)).map(({ id }) => id)).toEqual([world.dropletId]);
  });

  it("is refused when a droplet of an earlier page goes while a later one is read: another slips out of sight", async () => {
    const world = await createWorld();
    for (let number = 0; number < 300; number++) world.fake.add.droplet({ tags: ["lobster:many"] });
    const first = world.fake.droplets().find(({ tags }) => tags.includes("lobster:many"))!;
    const api = (
      await createWorld({
        fetch: async (input, init) => {
          if (new Request(input).url.includes("?page=2&")) first.deletedAt = world.clock.now();
          return world.fake.fetch(input, init);
        },
      })
    ).api;

    await expect(api.listDroplets("lobster:many")).rejects.toMatchObject({
      outcome: "unknown",
      reason: "conflict",
    });
    // Once it stands still it is read.
    expect(await api.listDroplets("lobster:many")).toHaveLength(299);
  });

  it("is refused when one goes and another comes while it is read, and the count is right again in the end", async () => {
    const world = await createWorld();
    for (let number = 0; number < 500; number++) world.fake.add.droplet({ tags: ["lobster:many"] });
    const first = world.fake.droplets().find(({ tags }) => tags.includes("lobster:many"))!;
    const { api } = await createWorld({
      fetch: async (input, init) => {
        const { url } = new Request(input);
        if (url.includes("?page=2&")) first.deletedAt = world.clock.now();
        if (url.includes("?page=3&")) world.fake.add.droplet({ tags: ["lobster:many"] });
        return world.fake.fetch(input, init);
      },
    });

    await expect(api.listDroplets("lobster:many")).rejects.toMatchObject({ reason: "conflict" });
  });

  it("is refused when a page shows what an earlier one had: another is not shown then", async () => {
    const world = await createWorld();
    for (let number = 0; number < 201; number++) world.fake.add.droplet({ tags: ["lobster:many"] });
    const { api } = await createWorld({
      fetch: async (input, init) => {
        const response = await world.fake.fetch(input, init);
        if (!new Request(input).url.includes("?page=2&")) return response;
        const page = await world.fake.fetch(new Request(input).url.replace("?page=2&", "?page=1&"), init);
        const { droplets } = (await page.json()) as { droplets: unknown[] };
        return Response.json({ ...((await response.json()) as object), droplets: droplets.slice(0, 1) });
      },
    });

    await expect(api.listDroplets("lobster:many")).rejects.toMatchObject({ reason: "conflict" });
  });

  it("ends, even where DigitalOcean names a next page each time", async () => {
    let requests = 0;
    const { api } = await createWorld({
      fetch: async () => {
        requests += 1;
        return Response.json({
          firewalls: [],
          links: { pages: { next: "https://example.com/" } },
          meta: { total: 1 },
        });
      },
    });

    await expect(api.listFirewalls()).rejects.toMatchObject({ outcome: "unknown", reason: "garbled" });
    expect(requests).toBe(100);
  });

  it("fails as a whole when a later page fails", async () => {
    const world = await createWorld();
    for (let number = 0; number < 300; number++) world.fake.add.droplet({ tags: ["lobster:many"] });
    const { api } = await createWorld({
      fetch: async (input, init) =>
        new Request(input).url.includes("?page=2&")
          ? new Response("{", { status: 200 })
          : world.fake.fetch(input, init),
    });

    await expect(api.listDroplets("lobster:many")).rejects.toMatchObject({ reason: "garbled" });
  });

  it("lags behind by tag, both ways, while the droplet itself is there at once", async () => {
    const world = await createWorld({ tagLagMs: 5_000 });
    const { id } = await world.api.createDroplet(newDroplet({ tags: ["lobster:lag"] }));

    expect(await world.api.listDroplets("lobster:lag")).toEqual([]);
    expect(await world.api.getDroplet(id)).not.toBeNull();
    world.clock.advance(5_000);
    expect(await world.api.listDroplets("lobster:lag")).toHaveLength(1);

    await world.api.deleteDroplet(id);
    expect(await world.api.listDroplets("lobster:lag")).toHaveLength(1);
    expect(await world.api.getDroplet(id)).toBeNull();
    world.clock.advance(5_000);
    expect(await world.api.listDroplets("lobster:lag")).toEqual([]);
    expectByTheDocument(world);
  });
});
