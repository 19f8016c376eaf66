/** The example backend: who may do what, and that a conversation among agents ends. */
import { Secret } from "@lobstercontrol/core";
import { createConvexRuntimePort } from "@lobstercontrol/convex/runtime";
import { createOpenClawClient } from "@lobstercontrol/openclaw-client";
import { createMockGateway, listenMockGateway } from "@lobstercontrol/openclaw-client/testing";
import { createRuntime } from "@lobstercontrol/runtime";
import { makeFunctionReference } from "convex/server";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { api } from "../../examples/convex-app/convex/_generated/api.js";
import { openExampleBackend, type ExampleBackend } from "./example-backend.ts";

const account = "acme";
let backend: ExampleBackend;

beforeEach(async () => {
  backend = await openExampleBackend();
});
afterEach(() => backend.close());

async function startRuntime(reply: (agent: string) => string): Promise<void> {
  const { token } = await backend.as("bea").action(api.lobster.admin.issueServiceToken, { account });
  const gatewayToken = new Secret(crypto.randomUUID());
  const gateway = createMockGateway({
    token: gatewayToken.reveal(),
    agents: ["writer", "reviewer"],
    reply: ({ agent }) => ({ text: reply(agent) }),
  });
  const server = await listenMockGateway(gateway);
  const runtime = createRuntime({
    port: createConvexRuntimePort({ url: backend.url, serviceToken: token }),
    client: createOpenClawClient({ baseUrl: server.url, token: gatewayToken }),
    pollMs: 60_000,
  });
  runtime.start();
  onTestFinished(async () => {
    await runtime.stop({ graceMs: 1_000 });
    await server.close();
  });
}

describe("the example backend", () => {
  it("shows a reply as an update of a query that somebody is subscribed to, and tells the agent that it names", async () => {
    await startRuntime((agent) => (agent === "writer" ? "A title. @reviewer?" : "Good."));
    const bea = backend.as("bea");
    const thread = await bea.mutation(api.threads.start, { account, title: "Launch" });
    const shown = backend.watch("bea", api.threads.list, { account, thread });
    await bea.mutation(api.threads.say, { account, thread, text: "@writer a title, please" });
    await expect
      .poll(() => shown.at(-1), { timeout: 10_000 })
      .toEqual([
        { from: "Bea", text: "@writer a title, please" },
        { from: "writer", text: "A title. @reviewer?" },
        { from: "reviewer", text: "Good." },
      ]);
  });

  it("lets two agents who name each other come to an end", async () => {
    await startRuntime((agent) => (agent === "writer" ? "@reviewer you?" : "@writer you?"));
    const bea = backend.as("bea");
    const thread = await bea.mutation(api.threads.start, { account, title: "Ping" });
    await bea.mutation(api.threads.say, { account, thread, text: "@writer ask @reviewer" });
    const idle = async () => {
      const { items } = await bea.query(api.lobster.admin.notifications, { account });
      return items.every(({ state }) => state === "delivered") && items.length > 2;
    };
    await expect.poll(idle, { timeout: 10_000 }).toBe(true);
    // Two were named at first; each chain is handed on four times and then ends.
    expect(await bea.query(api.threads.list, { account, thread })).toHaveLength(1 + 2 * 5);
  });

  it("opens all provider keys under a new master key, after a rotation that leaves out the old one", async () => {
    const key = () => btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))));
    const [old, fresh] = [key(), key()];
    onTestFinished(() => void vi.unstubAllEnvs());
    vi.stubEnv("SECRETS_MASTER_KEY_BASE64", undefined);
    vi.stubEnv("SECRETS_KEYS", `master:active:${old}`);
    const bea = backend.as("bea");
    const { token } = await bea.action(api.lobster.admin.issueServiceToken, { account });
    const providers = ["first-provider", "second-provider"];
    const keyOf = (provider: string) => ["sk", provider, "0123456789abcdef"].join("-");
    for (const provider of providers)
      await bea.action(api.lobster.admin.upsertProviderKey, { account, provider, key: keyOf(provider) });
    vi.stubEnv("SECRETS_KEYS", `2026-11:active:${fresh},master:decryptOnly:${old}`);
    const rewrap = () => backend.operator.action(makeFunctionReference<"action">("upkeep:rewrap"), {});
    expect(await rewrap()).toEqual({ rewrapped: 2, rejected: 0 });
    expect(await rewrap()).toEqual({ rewrapped: 0, rejected: 0 });
    vi.stubEnv("SECRETS_KEYS", `2026-11:active:${fresh}`);
    const port = createConvexRuntimePort({ url: backend.url, serviceToken: new Secret(token) });
    const { keys } = await port.providerKeys();
    expect(keys.map(({ provider, key: secret }) => [provider, secret.reveal()])).toEqual(
      providers.map((provider) => [provider, keyOf(provider)]),
    );
  });

  it("gives nothing to somebody who is no member, nor tells whether there is such an account", async () => {
    const strangers = [backend.as("mallory"), backend.as(null)];
    for (const stranger of strangers) {
      const told = await Promise.all(
        [account, "nobody"].map((id) =>
          stranger.query(api.lobster.admin.notifications, { account: id }).catch((error: Error) => error),
        ),
      );
      expect(told[0]).toMatchObject({ data: { code: "ERR_FORBIDDEN" } });
      expect(told[0]).toEqual(told[1]);
    }
  });
});
