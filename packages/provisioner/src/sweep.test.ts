import { beforeEach, describe, expect, it } from "vitest";
import { createTags } from "./tags.ts";
import { acme, actor, createWorld, type World } from "./test-world.ts";

const tags = createTags("lobster");
let world: World;
beforeEach(async () => {
  world = createWorld();
  await world.provisioner().provision("acme", { region: "fra1" }, actor);
  await world.settle();
});

const ids = () => world.digitalOcean.droplets().map(({ id }) => id);
const nonceOf = async () => (await world.store.read(acme))!.attempts[0]!.nonce;

describe("sweep", () => {
  it("finds nothing where all is well, with one call", async () => {
    const calls = world.digitalOcean.calls.length;
    expect(await world.provisioner().sweep()).toEqual({ strays: [], orphans: [] });
    expect(world.digitalOcean.calls).toHaveLength(calls + 1);
  });

  it("reports droplets that no record keeps, whose they are, and does nothing about them", async () => {
    await world.provisioner().destroy("acme", actor);
    await world.settle();
    const ours = world.digitalOcean.add({ tags: [tags.all, tags.attempt(await nonceOf())] });
    const theirs = world.digitalOcean.add({ tags: [tags.all] });
    const { strays, orphans } = await world.provisioner().sweep();
    expect(strays.map(({ droplet, account }) => [droplet.id, account])).toEqual([
      [ours.id, "acme"],
      [theirs.id, null],
    ]);
    expect(orphans).toEqual([]);
    expect(ids()).toEqual([ours.id, theirs.id]);
  });

  it("reports accounts whose droplet is gone", async () => {
    world.digitalOcean.remove(ids()[0]!);
    await world.pass(60_000);
    expect(await world.provisioner().sweep()).toEqual({ strays: [], orphans: ["acme"] });
  });

  it("takes no droplet that was just asked for to be a stray, and none that lags to be gone", async () => {
    world = createWorld({ lagMs: 8_000 });
    const provisioner = world.provisioner();
    await provisioner.provision("acme", { region: "fra1" }, actor);
    await provisioner.reconcile("acme");
    expect(await provisioner.sweep()).toEqual({ strays: [], orphans: [] });
  });
});

describe("removeStrays", () => {
  it("deletes what is ours and nobody keeps, and refuses everything else", async () => {
    const [kept] = ids();
    await world.provisioner().destroy("acme", actor);
    await world.settle();
    await world.provisioner().provision("acme", { region: "fra1" }, actor);
    await world.settle();
    const [current] = ids();
    const ours = world.digitalOcean.add({ tags: [tags.all, tags.attempt(await nonceOf())] });
    const theirs = world.digitalOcean.add({ tags: [tags.all, await tags.account(acme)] });
    const asked = [ours.id, theirs.id, current!, kept!, 999_999, ours.id];
    expect(await world.provisioner().removeStrays(asked)).toEqual({
      removed: [ours.id],
      refused: [theirs.id, current, kept, 999_999],
    });
    expect(ids()).toEqual([current, theirs.id]);
  });
});
