import { expect, it } from "vitest";
import { endless, inMemory } from "../test-client.ts";

it("lists the agents, and runs none", async () => {
  const { client, gateway } = inMemory({ agents: ["main", "helper"] });

  expect(await client.models()).toEqual(["main", "helper"]);
  expect(gateway.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(["GET /v1/models"]);
});

it("says why it cannot", async () => {
  const { client, gateway } = inMemory();
  gateway.rateLimitedSeconds = 5;
  await expect(client.models()).rejects.toMatchObject({
    code: "ERR_GATEWAY_RATE_LIMITED",
    retryAfterMs: 5_000,
  });
  gateway.rateLimitedSeconds = null;
  gateway.token = "another";
  await expect(client.models()).rejects.toMatchObject({ code: "ERR_GATEWAY_UNAUTHORIZED" });
  gateway.responsesEnabled = false;
  await expect(client.models()).rejects.toMatchObject({ code: "ERR_RESPONSES_DISABLED" });
  const signal = AbortSignal.abort();
  await expect(client.models({ signal })).rejects.toMatchObject({
    code: "ERR_RUN_ABORTED",
    outcome: "notSent",
  });
  const { client: lost } = inMemory({}, { fetch: async () => new Response("garbage") });
  await expect(lost.models()).rejects.toMatchObject({ code: "ERR_GATEWAY_UNREACHABLE", outcome: "notSent" });
});

it("reads no list of a megabyte and more", async () => {
  const { client, pulled } = endless();

  await expect(client.models()).rejects.toMatchObject({
    code: "ERR_GATEWAY_UNREACHABLE",
    outcome: "notSent",
  });
  expect(pulled()).toBeLessThan(1_024 * 1_024);
});
