import { describe, expect, it } from "vitest";
import { calls, callNames, createWorld, expectByTheDocument, hasDocument, newDroplet, tag } from "./world.ts";

const out = (kind: "tcp" | "udp" | "icmp") => ({
  ports: kind === "icmp" ? "0" : "all",
  protocol: kind,
  destinations: { addresses: ["0.0.0.0/0", "::/0"] },
});
const outbound = [out("tcp"), out("udp"), out("icmp")];

describe.skipIf(!hasDocument)("each call of DropletApi against DigitalOcean's document", () => {
  it.each(callNames)("%s is one request, as documented, and its answer is understood", async (name) => {
    const world = await createWorld();

    await calls[name](world);

    expect(world.fake.requests).toHaveLength(1);
    expectByTheDocument(world);
  });

  it.each([
    ["listDroplets", "GET", "/v2/droplets?page=1&per_page=200&tag_name=lobster%3Aacme%3A1"],
    ["listFirewalls", "GET", "/v2/firewalls?page=1&per_page=200"],
    ["listSshKeys", "GET", "/v2/account/keys?page=1&per_page=200"],
    ["listSizes", "GET", "/v2/sizes?page=1&per_page=200"],
    ["listRegions", "GET", "/v2/regions?page=1&per_page=200"],
    ["getAccount", "GET", "/v2/account"],
    ["deleteTag", "DELETE", "/v2/tags/lobster%3Aacme%3A1"],
  ] as const)("%s asks for %s %s", async (name, method, path) => {
    const world = await createWorld();

    await calls[name](world);

    expect(world.sent()).toEqual([{ method, path, text: "" }]);
  });

  it.each([
    [
      "createDroplet",
      "/v2/droplets",
      {
        backups: false,
        image: "debian-13-x64",
        ipv6: false,
        monitoring: true,
        region: "fra1",
        size: "s-1vcpu-2gb",
        ssh_keys: [],
        tags: [tag, "lobster:attempt:2"],
        user_data: "#cloud-config\n",
        name: "acme-2",
      },
    ],
    ["createTag", "/v2/tags", { name: "lobster:acme:2" }],
    [
      "createFirewall",
      "/v2/firewalls",
      { inbound_rules: [], outbound_rules: outbound, name: "lobster-new", tags: [tag] },
    ],
    [
      "updateFirewall",
      /^\/v2\/firewalls\/[\w-]+$/,
      {
        inbound_rules: [
          { ports: "22", protocol: "tcp", sources: { addresses: ["203.0.113.0/24", "2001:db8::/32"] } },
        ],
        outbound_rules: outbound,
        name: "lobster-acme",
        tags: [tag],
      },
    ],
    ["dropletAction", /^\/v2\/droplets\/\d+\/actions$/, { type: "reboot" }],
  ] as const)("%s sends this body, byte for byte, each key once", async (name, path, body) => {
    const world = await createWorld();

    await calls[name](world);

    const [sent] = world.sent();
    expect(sent?.text).toBe(JSON.stringify(body));
    expect(sent?.path).toEqual(typeof path === "string" ? path : expect.stringMatching(path));
  });

  it("createDroplet sends every option, and user-data with all that JSON must escape", async () => {
    const world = await createWorld();
    const { id, fingerprint } = world.fake.add.sshKey("second");
    const userData = "#cloud-config\n\"quoted\" \\ $HOME 'x' \t é 😀 \u2028 \u0007 </script>";
    const request = newDroplet({
      userData,
      sshKeys: [id, fingerprint],
      vpc: "760e09ef-dc84-11e8-981e-3cfdfeaae000",
      ipv6: true,
      backups: true,
    });

    await world.api.createDroplet(request);

    const { createdAt: _, deletedAt: __, on: ___, id: ____, ...made } = world.fake.droplets().at(-1)!;
    expect(made).toEqual(request);
    expectByTheDocument(world);
  });

  it("tells what is there in the words of the port", async () => {
    const world = await createWorld();
    const { api, dropletId, firewallId, actionId } = world;
    const droplet = {
      id: dropletId,
      name: "acme",
      status: "active",
      tags: [tag],
      createdAt: "2023-11-14T22:13:20Z",
      region: "fra1",
      size: "s-1vcpu-2gb",
      ipv4: expect.stringMatching(/^203\.0\.113\.\d+$/),
    };

    expect(await api.getDroplet(dropletId)).toEqual(droplet);
    expect(await api.listDroplets(tag)).toEqual([droplet]);
    expect(await api.getAction(actionId)).toEqual({ id: actionId, status: "completed" });
    expect(await api.getAccount()).toEqual({
      uuid: "00000000-0000-4000-8000-000000000003",
      status: "active",
      dropletLimit: 25,
    });
    expect(await api.listSizes()).toContainEqual({
      slug: "s-1vcpu-2gb",
      memoryMib: 2048,
      vcpus: 1,
      diskGib: 50,
      priceMonthly: 12,
      regions: ["fra1", "ams3", "nyc3"],
      available: true,
    });
    expect(await api.listRegions()).toContainEqual({ slug: "sfo1", sizes: [], available: false });
    expect(await api.listSshKeys()).toEqual([
      {
        id: expect.any(Number),
        fingerprint: expect.stringMatching(/^([0-9a-f]{2}:){15}[0-9a-f]{2}$/),
        name: "admin",
      },
    ]);
    const rules = { name: "lobster-acme", tags: [tag], inbound: [{ port: 22, from: ["203.0.113.0/24"] }] };
    expect(await api.updateFirewall(firewallId, rules)).toEqual({ id: firewallId, exact: true, ...rules });
    expect(await api.listFirewalls()).toEqual([{ id: firewallId, exact: true, ...rules }]);
    expectByTheDocument(world);
  });

  it("follows a droplet from new, without an address, to active", async () => {
    const world = await createWorld({ bootMs: 40_000 });

    const { id, status, ipv4 } = await world.api.createDroplet(newDroplet());
    expect([status, ipv4]).toEqual(["new", null]);
    world.clock.advance(40_000);

    expect(await world.api.getDroplet(id)).toMatchObject({ status: "active", ipv4: expect.any(String) });
    expect(await world.api.dropletAction(id, "power_off")).toMatchObject({ status: "in-progress" });
    expect(await world.api.getDroplet(id)).toMatchObject({ status: "off" });
  });

  describe("what is gone", () => {
    it("is null when it is looked at, and no error when it is deleted", async () => {
      const world = await createWorld();
      const { api, dropletId, firewallId } = world;
      await api.deleteDroplet(dropletId);
      await api.deleteFirewall(firewallId);
      await api.deleteTag(tag);

      expect(await api.getDroplet(dropletId)).toBeNull();
      expect(await api.getAction(1)).toBeNull();
      await api.deleteDroplet(dropletId);
      await api.deleteFirewall(firewallId);
      await api.deleteTag(tag);
      expectByTheDocument(world);
    });

    it("is a conflict when something is to be done to it", async () => {
      const world = await createWorld();
      const { api, dropletId, firewallId } = world;
      await api.deleteDroplet(dropletId);
      await api.deleteFirewall(firewallId);
      const conflict = { outcome: "refused", reason: "conflict", status: 404 };

      await expect(api.dropletAction(dropletId, "power_on")).rejects.toMatchObject(conflict);
      await expect(
        api.updateFirewall(firewallId, { name: "a-b", tags: [], inbound: [] }),
      ).rejects.toMatchObject(conflict);
    });
  });

  it("takes a tag that exists for a tag that was made", async () => {
    const world = await createWorld();

    await world.api.createTag(tag);

    expect(world.fake.tags()).toContain(tag);
    expectByTheDocument(world);
  });

  describe("a firewall that does something else than its rules can say is not exact", () => {
    const all = { addresses: ["0.0.0.0/0", "::/0"] };
    const everything = ["tcp", "udp", "icmp"].map((protocol) => ({
      protocol,
      ports: "0",
      destinations: all,
    }));

    it.each([
      ["a UDP port is open", [{ protocol: "udp", ports: "53", sources: all }], everything],
      ["a range is open", [{ protocol: "tcp", ports: "8000-9000", sources: all }], everything],
      ["every port is open", [{ protocol: "tcp", ports: "0", sources: all }], everything],
      ["a tag may come in", [{ protocol: "tcp", ports: "22", sources: { tags: ["x"] } }], everything],
      ["UDP may not go out", [], everything.filter(({ protocol }) => protocol !== "udp")],
      [
        "IPv6 may not go out",
        [],
        everything.map((rule) => ({ ...rule, destinations: { addresses: ["0.0.0.0/0"] } })),
      ],
      ["nothing may go out", [], []],
    ])("%s", async (_, inbound_rules, outbound_rules) => {
      const world = await createWorld();
      world.fake.add.firewall({ name: "by-hand", inbound_rules, outbound_rules });

      expect((await world.api.listFirewalls()).find(({ name }) => name === "by-hand")?.exact).toBe(false);
    });

    it("and is once it was written anew", async () => {
      const world = await createWorld();
      const rules = { name: "lobster-acme", tags: [tag], inbound: [] };
      expect((await world.api.listFirewalls())[0]?.exact).toBe(false);

      expect(await world.api.updateFirewall(world.firewallId, rules)).toMatchObject({
        exact: true,
        ...rules,
      });
    });
  });

  it.each([
    ["listDroplets", (api) => api.listDroplets("")],
    ["listDroplets", (api) => api.listDroplets("a b")],
    ["deleteTag", (api) => api.deleteTag("a/../b")],
    ["createTag", (api) => api.createTag("x".repeat(256))],
    ["getDroplet", (api) => api.getDroplet(Number.NaN)],
    ["deleteDroplet", (api) => api.deleteDroplet(0)],
    ["deleteFirewall", (api) => api.deleteFirewall("")],
    ["deleteFirewall", (api) => api.deleteFirewall("..")],
  ] as [string, (api: Awaited<ReturnType<typeof createWorld>>["api"]) => Promise<unknown>][])(
    "%s with what would address something else is not sent",
    async (_, call) => {
      const world = await createWorld();

      await expect(call(world.api)).rejects.toMatchObject({
        code: "ERR_DROPLET_API",
        outcome: "notSent",
        reason: "invalid",
      });
      expect(world.fake.requests).toEqual([]);
    },
  );
});
