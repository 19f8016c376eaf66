import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { createFakeClock } from "@lobstercontrol/core/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { createContract, type Contract, type WireRequest } from "./fake/contract.ts";
import { createDigitalOceanFake } from "./fake/create-digital-ocean-fake.ts";
import { documentFile } from "./fake/document.ts";
import { calls, createWorld, hasDocument, newDroplet } from "./world.ts";

describe.skipIf(!hasDocument)("the judge itself", () => {
  let contract: Contract;
  beforeAll(async () => {
    contract = await createContract(documentFile ?? "");
  });

  const request = (method: string, path: string, text = "", type = "application/json"): WireRequest => ({
    method,
    path,
    headers: new Headers({ authorization: "Bearer x", ...(text === "" ? {} : { "content-type": type }) }),
    text,
  });
  const droplet = { name: "a", region: "fra1", size: "s", image: "i" };

  it("takes a right request", () => {
    expect(contract.checkRequest(request("POST", "/v2/droplets", JSON.stringify(droplet)))).toEqual([]);
  });

  it.each([
    ["a path that there is not", "GET", "/v2/dropplets", ""],
    ["a method that there is not", "PATCH", "/v2/droplets/1", ""],
    ["an id that is no number", "GET", "/v2/droplets/acme", ""],
    ["a page of more than 200", "GET", "/v2/droplets?per_page=201", ""],
    ["a parameter that there is not", "GET", "/v2/droplets?tag=x", ""],
    ["a body without an image", "POST", "/v2/droplets", '{"name":"a","size":"s"}'],
    ["a name with a space", "POST", "/v2/droplets", JSON.stringify({ ...droplet, name: "a b" })],
    ["a misspelt property", "POST", "/v2/droplets", JSON.stringify({ ...droplet, userdata: "x" })],
    ["a property of the wrong type", "POST", "/v2/droplets", JSON.stringify({ ...droplet, tags: "x" })],
    ["a repeated key", "POST", "/v2/tags", '{"name":"x","name":"x"}'],
    ["an unquoted text", "POST", "/v2/tags", '{"name":x}'],
    ["a tag with a space", "POST", "/v2/tags", '{"name":"a b"}'],
    [
      "a protocol that there is not",
      "POST",
      "/v2/firewalls",
      '{"name":"fw","inbound_rules":[{"protocol":"sctp","ports":"1","sources":{}}]}',
    ],
    [
      "a deep misspelt property",
      "POST",
      "/v2/firewalls",
      '{"name":"fw","inbound_rules":[{"protocol":"tcp","ports":"1","sources":{"adresses":[]}}]}',
    ],
    ["an action that there is not", "POST", "/v2/droplets/1/actions", '{"type":"fly"}'],
  ])("catches %s", (_, method, path, text) => {
    expect(contract.checkRequest(request(method, path, text))).not.toEqual([]);
  });

  it("catches a body that is not called JSON", () => {
    expect(contract.checkRequest(request("POST", "/v2/tags", '{"name":"x"}', "text/plain"))).not.toEqual([]);
  });

  it.each([
    ["half a droplet", 200, '{"droplet":{"id":1,"name":"a"}}'],
    ["no JSON", 200, "<html>"],
    ["an error without an id", 422, '{"message":"no"}'],
    ["a refusal in another dialect", 404, '{"error":"no"}'],
  ])("catches an answer that is %s", (_, status, text) => {
    const headers = new Headers({
      "ratelimit-limit": "1",
      "ratelimit-remaining": "1",
      "ratelimit-reset": "1",
    });

    expect(contract.checkAnswer(request("GET", "/v2/droplets/1"), { status, headers, text })).not.toEqual([]);
  });

  it("catches an answer without the rate-limit headers", () => {
    const answer = { status: 204, headers: new Headers({ "ratelimit-limit": "1" }), text: "" };

    // It has no body to look at.
    expect(contract.checkAnswer(request("DELETE", "/v2/tags/x"), answer)).toEqual([
      "DELETE /v2/tags/x → 204: no header ratelimit-remaining",
      "DELETE /v2/tags/x → 204: no header ratelimit-reset",
    ]);
  });

  it("stands in the fake: a wrong request is refused and recorded", async () => {
    const fake = createDigitalOceanFake({ clock: createFakeClock(), contract });

    const response = await fake.fetch("https://api.digitalocean.com/v2/droplets", {
      method: "POST",
      headers: { authorization: "Bearer x", "content-type": "application/json" },
      body: '{"name":"a","size":"s-1vcpu-2gb"}',
    });

    expect(response.status).toBe(422);
    expect(fake.violations).not.toEqual([]);
    expect(fake.droplets()).toEqual([]);
  });

  it("stands in the fake: a wrong answer of its own is recorded", async () => {
    const world = await createWorld();
    // A size that the catalogue has not, so that the droplet it answers lacks what it must have.
    const { id } = world.fake.add.droplet({ size: "s-unknown" });

    await world.api.getDroplet(id);

    expect(world.fake.violations).toContainEqual(
      expect.stringContaining("must have required property 'memory'"),
    );
  });

  it("knows the scopes that the calls need, and the docs name them", async () => {
    const needed = new Set<string>();
    for (const call of Object.values(calls)) {
      const world = await createWorld();
      await call(world);
      for (const seen of world.fake.requests)
        for (const scope of contract.operationOf(seen)?.scopes ?? []) needed.add(scope);
    }
    const text = readFileSync(resolve(import.meta.dirname, "../../docs/digitalocean.md"), "utf8");
    const named = new Set(
      Array.from(text.matchAll(/`([a-z_]+:(?:read|create|update|delete))`/g), (match) => match[1] ?? ""),
    );

    expect([...needed].filter((scope) => !named.has(scope))).toEqual([]);
    // Some are needed for a property of a body, which the document says in prose alone.
    const prose = readFileSync(documentFile ?? "", "utf8");
    expect([...named].filter((scope) => !needed.has(scope) && !prose.includes(`\`${scope}\``))).toEqual([]);
    const world = await createWorld({ scopes: [...named] });
    await world.api.createDroplet(newDroplet());
  });
});
