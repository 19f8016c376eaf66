import { InvalidInputError } from "@lobstercontrol/core";
import { beforeEach, describe, expect, it } from "vitest";
import { actor, createWorld, type World } from "./test-world.ts";

let world: World;
beforeEach(() => (world = createWorld()));
const spec = { region: "fra1" };

describe("plan", () => {
  it("says what would be done and what it costs, and does nothing", async () => {
    const plan = await world.provisioner().plan("acme", { ...spec, adminCidrs: ["203.0.113.7/32"] });
    expect(plan).toMatchObject({
      state: "absent",
      droplet: { region: "fra1", size: "s-1vcpu-2gb", image: "debian-13-x64" },
      firewall: { inbound: [{ port: 22, from: ["203.0.113.7/32"] }] },
      estimate: { monthlyUsd: 10, region: "fra1", excludes: ["traffic"] },
    });
    expect(plan.steps.join("\n")).toContain("at most 10 US dollars a month");
    expect(world.digitalOcean.calls.map(({ name }) => name)).toEqual(["listSizes"]);
    expect(world.digitalOcean.droplets()).toEqual([]);
    expect(world.activities()).toEqual([]);
  });

  it("names the fallbacks, and what a failure has left behind", async () => {
    world.digitalOcean.full.add("fra1");
    await world.provisioner().provision("acme", spec, actor);
    await world.settle();
    const { steps } = await world.provisioner().plan("acme", { ...spec, fallbacks: [{ region: "ams3" }] });
    expect(steps.some((step) => step.includes("ams3"))).toBe(true);
    expect(steps.some((step) => step.includes("left behind"))).toBe(true);
  });

  it("names the fallback that it comes to when there is nothing to be had before it", async () => {
    const fallbacks = [{ region: "ams3" }, { region: "nyc3" }];
    const { droplet, steps } = await world.provisioner().plan("acme", { region: "moon1", fallbacks });
    expect(droplet.region).toBe("ams3");
    expect(steps.filter((step) => step.startsWith("Without capacity there"))).toHaveLength(1);
  });

  it("says that nothing would be done where there is a droplet", async () => {
    await world.provisioner().provision("acme", spec, actor);
    await world.settle();
    const { steps } = await world.provisioner().plan("acme", spec);
    expect(steps).toHaveLength(1);
    expect(steps[0]).toContain("Nothing");
  });
});

describe("estimate", () => {
  it("takes the price from DigitalOcean's list, and says what is not in it", async () => {
    const provisioner = world.provisioner();
    expect(await provisioner.estimate({ ...spec, size: "s-2vcpu-4gb", backups: true })).toMatchObject({
      monthlyUsd: 20,
      excludes: ["backups", "traffic"],
    });
  });

  it("refuses a size or a region that there is not", async () => {
    const provisioner = world.provisioner();
    for (const wrong of [
      { ...spec, size: "s-99vcpu" },
      { region: "moon1" },
      { region: "moon1", size: "s-1vcpu-2gb" },
    ])
      await expect(provisioner.estimate(wrong)).rejects.toThrow(InvalidInputError);
  });

  it("fails a provisioning that wants one, with the reason, before anything is created", async () => {
    await world.provisioner().provision("acme", { region: "moon1" }, actor);
    await world.settle();
    expect(await world.provisioner().status("acme")).toMatchObject({
      state: "failed",
      failure: { reason: "invalid" },
    });
    expect(world.digitalOcean.calls.map(({ name }) => name)).not.toContain("createDroplet");
  });
});
