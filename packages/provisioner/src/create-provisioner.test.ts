import { InvalidInputError, ProvisioningDisabledError, ProvisionStateError } from "@lobstercontrol/core";
import { beforeEach, describe, expect, it } from "vitest";
import { acme, actor, createWorld, type World } from "./test-world.ts";

const spec = { region: "fra1" };
let world: World;
beforeEach(() => (world = createWorld()));

/** A droplet that runs. */
async function running(): Promise<void> {
  await world.provisioner().provision("acme", spec, actor);
  await world.settle();
}

describe("provision", () => {
  it("leads to one droplet that calls home, and tells the audit log", async () => {
    await running();
    expect(world.digitalOcean.droplets()).toHaveLength(1);
    expect(world.activities()).toEqual([
      "runtime_provision_requested",
      "runtime_bootstrapped",
      "runtime_provisioned",
    ]);
    const [droplet] = world.digitalOcean.droplets();
    expect(await world.provisioner().status("acme")).toMatchObject({
      state: "running",
      droplet: droplet!.id,
      region: "fra1",
      size: "s-1vcpu-2gb",
      failure: null,
    });
  });

  it("chooses the cheapest size with 2 GiB, and the image and the tags that the spec has", async () => {
    await world.provisioner().provision("acme", { ...spec, tags: ["team:blue"] }, actor);
    await world.settle();
    const [droplet] = world.digitalOcean.droplets();
    expect(droplet!.size).toBe("s-1vcpu-2gb");
    expect(droplet!.tags).toContain("team:blue");
  });

  it("creates nothing by itself, and changes nothing when it is asked again", async () => {
    const provisioner = world.provisioner();
    await provisioner.provision("acme", spec, actor);
    await provisioner.provision("acme", spec, actor);
    expect(world.digitalOcean.calls).toEqual([]);
    expect(world.activities()).toEqual(["runtime_provision_requested"]);
    await world.settle();
    await provisioner.provision("acme", spec, actor);
    expect(world.digitalOcean.droplets()).toHaveLength(1);
  });

  it("refuses another spec while there is a droplet, and a droplet while one is being destroyed", async () => {
    await running();
    const provisioner = world.provisioner();
    await expect(provisioner.provision("acme", { region: "ams3" }, actor)).rejects.toThrow(
      ProvisionStateError,
    );
    await provisioner.destroy("acme", actor);
    await expect(provisioner.provision("acme", spec, actor)).rejects.toThrow(ProvisionStateError);
  });

  it("makes another one after the first was destroyed", async () => {
    await running();
    const [first] = world.digitalOcean.droplets();
    await world.provisioner().destroy("acme", actor);
    await world.settle();
    await running();
    const droplets = world.digitalOcean.droplets();
    expect(droplets).toHaveLength(1);
    expect(droplets[0]!.id).not.toBe(first!.id);
  });

  it("refuses what is no spec, by its field", async () => {
    const provisioner = world.provisioner();
    for (const wrong of [
      { region: "" },
      { region: "Frankfurt" },
      { region: "fra1", adminCidrs: ["anybody"] },
      { region: "fra1", tags: ["has space"] },
      // Tags of ours would put the droplet into another account's list, or behind another firewall.
      { region: "fra1", tags: ["lobster"] },
      { region: "fra1", tags: ["Lobster:account:0123"] },
    ])
      await expect(provisioner.provision("acme", wrong, actor)).rejects.toThrow(InvalidInputError);
    await expect(provisioner.status("acme")).resolves.toMatchObject({ state: "absent" });
  });
});

describe("the feature flag", () => {
  it("refuses new droplets, with its own error", async () => {
    const off = (account: string) => account !== "acme";
    for (const enabled of [false, off, async (account: string) => off(account)]) {
      const provisioner = world.provisioner({ enabled });
      await expect(provisioner.provision("acme", spec, actor)).rejects.toThrow(ProvisioningDisabledError);
      await expect(provisioner.retry("acme", actor)).rejects.toThrow(ProvisioningDisabledError);
    }
    expect(world.activities()).toEqual([]);
  });

  it("creates nothing for a request of before, and fails it", async () => {
    await world.provisioner().provision("acme", spec, actor);
    await world.settle(world.provisioner({ enabled: async () => false }));
    expect(await world.provisioner().status("acme")).toMatchObject({
      state: "failed",
      failure: { reason: "disabled" },
    });
    expect(world.digitalOcean.droplets()).toEqual([]);
  });

  it("decides nothing while it cannot be read", async () => {
    await world.provisioner().provision("acme", spec, actor);
    const unread = world.provisioner({ enabled: () => Promise.reject(new Error("no answer")) });
    await expect(unread.reconcile("acme")).rejects.toThrow("no answer");
    await world.settle(world.provisioner());
    expect(world.digitalOcean.droplets()).toHaveLength(1);
  });

  it("never keeps anybody from destroying what costs money", async () => {
    await running();
    const provisioner = world.provisioner({ enabled: false });
    await provisioner.destroy("acme", actor);
    await world.settle(provisioner);
    expect(world.digitalOcean.droplets()).toEqual([]);
  });
});

describe("the firewall", () => {
  const inbound = () => world.digitalOcean.firewalls().map((firewall) => firewall.inbound);

  it("stands before the droplet is created, and lets nothing in", async () => {
    await running();
    const names = world.digitalOcean.calls.map(({ name }) => name);
    expect(names.indexOf("createFirewall")).toBeGreaterThan(-1);
    expect(names.indexOf("createFirewall")).toBeLessThan(names.indexOf("createDroplet"));
    expect(inbound()).toEqual([[]]);
    const [firewall] = world.digitalOcean.firewalls();
    expect(world.digitalOcean.droplets()[0]!.tags).toContain(firewall!.tags[0]);
  });

  it("lets SSH in from the spec's CIDRs, and nothing else", async () => {
    await world.provisioner().provision("acme", { ...spec, adminCidrs: ["203.0.113.0/24"] }, actor);
    await world.settle();
    expect(inbound()).toEqual([[{ port: 22, from: ["203.0.113.0/24"] }]]);
  });

  it("is put right before the next droplet when somebody has opened it", async () => {
    await running();
    const [firewall] = world.digitalOcean.firewalls();
    await world.digitalOcean.api.updateFirewall(firewall!.id, {
      ...firewall!,
      inbound: [{ port: 80, from: ["0.0.0.0/0"] }],
    });
    await world.provisioner().destroy("acme", actor);
    await world.settle();
    await running();
    expect(inbound()).toEqual([[]]);
  });
});

describe("capacity", () => {
  it("tries the fallbacks at once, in their order", async () => {
    world.digitalOcean.full.add("fra1").add("ams3 s-1vcpu-2gb");
    const fallbacks = [{ region: "ams3" }, { region: "ams3", size: "s-2vcpu-2gb" }];
    await world.provisioner().provision("acme", { ...spec, fallbacks }, actor);
    await world.settle();
    expect(world.digitalOcean.droplets()).toMatchObject([{ region: "ams3", size: "s-2vcpu-2gb" }]);
  });

  it("waits for some where there is no fallback, and takes it", async () => {
    world.digitalOcean.full.add("fra1");
    const provisioner = world.provisioner();
    await provisioner.provision("acme", spec, actor);
    for (let step = 0; step < 5; step++)
      await world.pass((await provisioner.reconcile("acme")).nextInMs ?? 0);
    expect(await provisioner.status("acme")).toMatchObject({ state: "provisioning", failure: null });
    world.digitalOcean.full.clear();
    await world.settle();
    expect(world.digitalOcean.droplets()).toHaveLength(1);
  });

  it("fails for want of it once its time is over, and can be retried", async () => {
    world.digitalOcean.full.add("fra1");
    await world.provisioner().provision("acme", spec, actor);
    await world.settle();
    expect(await world.provisioner().status("acme")).toMatchObject({
      state: "failed",
      failure: { reason: "noCapacity" },
    });
    expect(world.activities()).toEqual(["runtime_provision_requested", "runtime_provision_failed"]);
    world.digitalOcean.full.clear();
    await world.provisioner().retry("acme", actor);
    await world.settle();
    expect(await world.provisioner().status("acme")).toMatchObject({ state: "running" });
  });
});

describe("promise 11: nothing stays provisioning past its deadline", () => {
  beforeEach(async () => {
    world = createWorld({ silent: true });
    await world.provisioner().provision("acme", spec, actor);
  });

  it("says so when it is read, though nobody has reconciled since", async () => {
    const provisioner = world.provisioner();
    await provisioner.reconcile("acme");
    const { deadline } = await provisioner.status("acme");
    world.clock.advance(deadline! - world.clock.now());
    expect((await provisioner.status("acme")).state).toBe("provisioning");
    world.clock.advance(1);
    expect(await provisioner.status("acme")).toMatchObject({
      state: "failed",
      failure: { reason: "deadline", at: deadline },
    });
  });

  it("deletes the droplet that did not call home, since it would cost money for nothing", async () => {
    await world.settle();
    expect(await world.provisioner().status("acme")).toMatchObject({ state: "failed" });
    expect(world.digitalOcean.droplets()).toEqual([]);
    expect(await world.provisioner().reconcile("acme")).toEqual({ state: "failed", nextInMs: null });
  });

  it("can be retried once it is over, though nobody has stored that yet", async () => {
    const provisioner = world.provisioner();
    await provisioner.reconcile("acme");
    await expect(provisioner.retry("acme", actor)).rejects.toThrow(ProvisionStateError);
    world.clock.advance(60 * 60_000);
    await provisioner.retry("acme", actor);
    await provisioner.reconcile("acme");
    await world.pass(20_000);
    await world.settle(provisioner);
    expect(world.digitalOcean.droplets()).toHaveLength(0);
    expect(world.activities().filter((type) => type === "runtime_provision_failed")).toHaveLength(2);
  });
});

describe("the steady state", () => {
  it("costs one call of DigitalOcean's and no write a reconcile", async () => {
    await running();
    const provisioner = world.provisioner();
    const calls = world.digitalOcean.calls.length;
    const { revision } = (await world.store.read(acme))!;
    for (let count = 1; count <= 10; count++) {
      expect(await provisioner.reconcile("acme")).toEqual({ state: "running", nextInMs: 60 * 60_000 });
      expect(world.digitalOcean.calls.slice(calls).map(({ name }) => name)).toEqual(
        Array.from({ length: count }, () => "listDroplets"),
      );
    }
    expect((await world.store.read(acme))!.revision).toBe(revision);
  });

  it("costs nothing once it is destroyed", async () => {
    await running();
    await world.provisioner().destroy("acme", actor);
    await world.settle();
    const calls = world.digitalOcean.calls.length;
    expect(await world.provisioner().reconcile("acme")).toEqual({ state: "destroyed", nextInMs: null });
    expect(world.digitalOcean.calls).toHaveLength(calls);
  });

  it("costs nothing for an account that never had a droplet", async () => {
    expect(await world.provisioner().reconcile("acme")).toEqual({ state: "absent", nextInMs: null });
    expect(world.digitalOcean.calls).toEqual([]);
  });
});

describe("a droplet that somebody else deletes", () => {
  it("is told, and not made again by itself", async () => {
    await running();
    world.digitalOcean.remove(world.digitalOcean.droplets()[0]!.id);
    await world.settle();
    expect(await world.provisioner().status("acme")).toMatchObject({
      state: "failed",
      failure: { reason: "dropletGone" },
    });
    expect(world.digitalOcean.droplets()).toEqual([]);
  });
});

describe("destroy", () => {
  it("ends with no droplet, and tells the audit log", async () => {
    await running();
    await world.provisioner().destroy("acme", { id: "user-2" });
    await world.settle();
    expect(world.digitalOcean.droplets()).toEqual([]);
    expect(world.store.activities("acme").slice(-2)).toMatchObject([
      { type: "runtime_destroy_requested", actor: "user-2" },
      { type: "runtime_destroyed" },
    ]);
  });

  it("changes nothing when it is asked again, or when there never was one", async () => {
    const provisioner = world.provisioner();
    await provisioner.destroy("acme", actor);
    expect((await provisioner.status("acme")).state).toBe("absent");
    await running();
    for (let count = 0; count < 3; count++) await provisioner.destroy("acme", actor);
    await world.settle();
    await provisioner.destroy("acme", actor);
    expect(world.activities().filter((type) => type.startsWith("runtime_destroy"))).toEqual([
      "runtime_destroy_requested",
      "runtime_destroyed",
    ]);
  });

  it("ends what is still being made", async () => {
    const provisioner = world.provisioner();
    await provisioner.provision("acme", spec, actor);
    await provisioner.reconcile("acme");
    await provisioner.destroy("acme", actor);
    await world.settle();
    expect(world.digitalOcean.droplets()).toEqual([]);
    expect((await provisioner.status("acme")).state).toBe("destroyed");
  });
});
