import { keptDroplet } from "@lobstercontrol/core";
import { beforeEach, describe, expect, it } from "vitest";
import { createTags } from "./tags.ts";
import { acme, actor, createWorld, wrapCalls, type World } from "./test-world.ts";

const spec = { region: "fra1" };
const tags = createTags("lobster");
let world: World;
beforeEach(() => (world = createWorld()));

const ids = () => world.digitalOcean.droplets().map(({ id }) => id);

async function running(): Promise<number> {
  await world.provisioner().provision("acme", spec, actor);
  await world.settle();
  const [id] = ids();
  return id!;
}

/** Tags of the one droplet that there is, without those that prove whose it is, or with another nonce. */
async function lookalike(nonce: string | null): Promise<string[]> {
  const account = await tags.account(acme);
  return [tags.all, account, ...(nonce === null ? [] : [tags.attempt(nonce)])];
}

describe("promise 10: a droplet without the nonce of a recorded attempt", () => {
  it.each([
    ["the account's tag alone", null],
    ["a nonce that nobody recorded", "0".repeat(32)],
    ["a nonce that begins as a recorded one", "prefix"],
  ])("is never adopted, also with %s and the name", async (_, wanted) => {
    await world.provisioner().provision("acme", spec, actor);
    const { nonce } = (await world.store.read(acme))!.attempts[0]!;
    const stranger = world.digitalOcean.add({
      name: `lobster-${(await tags.account(acme)).slice(-12)}-${nonce.slice(0, 8)}`,
      tags: await lookalike(wanted === "prefix" ? nonce.slice(0, 31) : wanted),
    });
    await world.settle();
    const kept = keptDroplet((await world.store.read(acme))!)!.id;
    expect(kept).not.toBe(stranger.id);
    expect(new Set(ids())).toEqual(new Set([stranger.id, kept]));
  });

  it("is never deleted: not while ours runs, not when ours is destroyed, not when ours has failed", async () => {
    const stranger = world.digitalOcean.add({ tags: await lookalike(null) });
    await running();
    await world.provisioner().reconcile("acme");
    await world.provisioner().destroy("acme", actor);
    await world.settle();
    expect(ids()).toEqual([stranger.id]);
    world.digitalOcean.full.add("fra1");
    await world.provisioner().provision("acme", spec, actor);
    await world.settle();
    expect(ids()).toEqual([stranger.id]);
  });

  it("is not ours with two nonces, one of them recorded: nobody but a person has made that", async () => {
    await world.provisioner().provision("acme", spec, actor);
    const { nonce } = (await world.store.read(acme))!.attempts[0]!;
    const stranger = world.digitalOcean.add({
      tags: [...(await lookalike(nonce)), tags.attempt("0".repeat(32))],
    });
    await world.settle();
    await world.provisioner().destroy("acme", actor);
    await world.settle();
    expect(ids()).toEqual([stranger.id]);
  });
});

describe("promise 10: of several droplets with recorded nonces", () => {
  it("the one that called home stays, though another is older, and the others are deleted", async () => {
    const id = await running();
    const { nonce } = (await world.store.read(acme))!.attempts[0]!;
    world.digitalOcean.add({ tags: await lookalike(nonce), createdAt: "2020-01-01T00:00:00Z" });
    world.digitalOcean.add({ tags: await lookalike(nonce) });
    const provisioner = world.provisioner();
    await provisioner.reconcile("acme");
    await world.pass(20_000);
    await world.settle(provisioner);
    expect(ids()).toEqual([id]);
    expect((await provisioner.status("acme")).state).toBe("running");
  });

  it("the oldest stays while none has called home", async () => {
    world = createWorld({ silent: true });
    const provisioner = world.provisioner();
    await provisioner.provision("acme", spec, actor);
    await provisioner.reconcile("acme");
    const [id] = ids();
    const { nonce } = (await world.store.read(acme))!.attempts[0]!;
    world.digitalOcean.add({ tags: await lookalike(nonce), createdAt: "2999-01-01T00:00:00Z" });
    await world.pass(10_000);
    await provisioner.reconcile("acme");
    expect(ids()).toEqual([id]);
  });

  it("one of an attempt that was given up is deleted, however late it comes to light", async () => {
    const provisioner = world.provisioner();
    await provisioner.provision("acme", spec, actor);
    const { nonce } = (await world.store.read(acme))!.attempts[0]!;
    await provisioner.destroy("acme", actor);
    await world.settle();
    const id = await running();
    const late = world.digitalOcean.add({ tags: await lookalike(nonce) });
    expect(ids()).toEqual([id, late.id]);
    await provisioner.reconcile("acme");
    await world.pass(20_000);
    await world.settle(provisioner);
    expect(ids()).toEqual([id]);
  });
});

describe("promise 10: a process that sleeps between storing and sending", () => {
  /** A create that is sent when the test says so, and not before: the machine of the process was suspended. */
  function sleepingProvisioner() {
    let wake = (): void => {};
    let fallAsleep = (): void => {};
    const awake = new Promise<void>((resolve) => (wake = resolve));
    const asleep = new Promise<void>((resolve) => (fallAsleep = resolve));
    const api = wrapCalls(world.digitalOcean.api, async (name, call) => {
      if (name === "createDroplet") {
        fallAsleep();
        await awake;
      }
      return await call();
    });
    return { provisioner: world.provisioner({ api }), wake, asleep };
  }

  it("makes a second droplet when it wakes, which is deleted again", async () => {
    const { provisioner, wake, asleep } = sleepingProvisioner();
    await provisioner.provision("acme", spec, actor);
    const sleeping = provisioner.reconcile("acme");
    await asleep;
    await world.settle();
    const [id] = ids();
    wake();
    await sleeping;
    expect(ids()).toHaveLength(2);
    await world.provisioner().reconcile("acme");
    await world.pass(20_000);
    await world.settle();
    expect(ids()).toEqual([id]);
  });

  it("makes a droplet after the account's end, which it finds out about and has deleted", async () => {
    const { provisioner, wake, asleep } = sleepingProvisioner();
    await provisioner.provision("acme", spec, actor);
    const sleeping = provisioner.reconcile("acme");
    await asleep;
    await world.provisioner().destroy("acme", actor);
    await world.settle();
    expect((await provisioner.status("acme")).state).toBe("destroyed");
    wake();
    expect(await sleeping).toMatchObject({ state: "destroying" });
    expect(ids()).toHaveLength(1);
    await world.settle();
    expect(ids()).toEqual([]);
    expect((await provisioner.status("acme")).state).toBe("destroyed");
  });
});

describe("tags", () => {
  it("tell nothing of an account, do not depend on case, and are what DigitalOcean takes", async () => {
    const account = await tags.account(acme);
    for (const tag of [account, tags.attempt("ab".repeat(16)), tags.firewall("closed"), tags.all])
      expect(tag).toMatch(/^[a-z0-9:-]{1,255}$/);
    expect(account).not.toContain("acme");
    expect(tags.nonceOf({ tags: [tags.attempt("ab").toUpperCase()] })).toBe("ab");
  });

  it("of two platforms in one DigitalOcean account do not meet", async () => {
    const provisioner = world.provisioner({ namespace: "staging" });
    await provisioner.provision("acme", spec, actor);
    await world.settle(provisioner);
    const report = await world.provisioner().sweep();
    expect(report.strays).toEqual([]);
  });
});
