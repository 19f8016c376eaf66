import { createFakeClock } from "@lobstercontrol/core/testing";
import { describe, expect, it } from "vitest";
import { createDotsApi } from "./create-dots-api.ts";

// The whole of it, by DigitalOcean's document: tests/contract. These run in every runtime.

const droplet = {
  id: 3_164_444,
  name: "acme",
  status: "new",
  tags: ["lobster:acme"],
  created_at: "2026-11-25T12:00:00Z",
  region: { slug: "fra1" },
  size_slug: "s-1vcpu-2gb",
  networks: { v4: [] },
};
const request = {
  name: "acme",
  region: "fra1",
  size: "s-1vcpu-2gb",
  image: "debian-13-x64",
  userData: '#cloud-config\n# "é" 😀\n',
  tags: ["lobster:acme"],
  sshKeys: [1, "aa:bb"],
  vpc: null,
  ipv6: true,
  monitoring: false,
  backups: false,
};

function answering(...answers: (() => Response)[]) {
  const sent: { url: string; init: RequestInit }[] = [];
  const fetch: typeof globalThis.fetch = async (input, init = {}) => {
    sent.push({ url: new Request(input).url, init });
    return answers[sent.length - 1]!();
  };
  return { sent, api: createDotsApi({ token: "token-of-a-test", fetch, clock: createFakeClock() }) };
}

describe("createDotsApi", () => {
  it("sends a create once, each key once, and reads the droplet", async () => {
    const { sent, api } = answering(() => Response.json({ droplet, links: {} }, { status: 202 }));

    expect(await api.createDroplet(request)).toEqual({
      id: 3_164_444,
      name: "acme",
      status: "new",
      tags: ["lobster:acme"],
      createdAt: "2026-11-25T12:00:00Z",
      region: "fra1",
      size: "s-1vcpu-2gb",
      ipv4: null,
    });

    expect(sent).toHaveLength(1);
    expect(sent[0]?.url).toBe("https://api.digitalocean.com/v2/droplets");
    expect(sent[0]?.init.body).toBe(
      JSON.stringify({
        backups: false,
        image: "debian-13-x64",
        ipv6: true,
        monitoring: false,
        region: "fra1",
        size: "s-1vcpu-2gb",
        ssh_keys: [1, "aa:bb"],
        tags: ["lobster:acme"],
        user_data: request.userData,
        name: "acme",
      }),
    );
  });

  it("does not repeat a create that was answered with 503: it may have been done", async () => {
    const { sent, api } = answering(() => Response.json({ id: "x", message: "no" }, { status: 503 }));

    await expect(api.createDroplet(request)).rejects.toMatchObject({
      code: "ERR_DROPLET_API",
      outcome: "unknown",
      reason: "unavailable",
    });
    expect(sent).toHaveLength(1);
  });

  it("takes for gone only what DigitalOcean itself says is not there", async () => {
    const { api } = answering(
      () => Response.json({ id: "not_found", message: "no" }, { status: 404 }),
      () => new Response("<h1>Not Found</h1>", { status: 404 }),
      () => Response.json({ error: "no route" }, { status: 404 }),
    );

    expect(await api.getDroplet(1)).toBeNull();
    await expect(api.getDroplet(1)).rejects.toMatchObject({ outcome: "unknown", reason: "garbled" });
    await expect(api.deleteDroplet(1)).rejects.toMatchObject({ outcome: "unknown", reason: "garbled" });
  });
});
