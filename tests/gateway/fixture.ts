/**
 * A real OpenClaw gateway for tests, with a model provider of ours behind it.
 *
 * `test` has them as `gateway` and `models`: one of each for all files, started when the first test asks. A test that
 * stops or configures its gateway starts one of its own with `startTestGateway`, and stops it.
 */
import {
  accountId,
  agentSlug,
  Secret,
  sessionKey,
  threadId,
  type AgentSlug,
  type SessionKey,
} from "@lobstercontrol/core";
import { createOpenClawClient, type OpenClawClient } from "@lobstercontrol/openclaw-client";
import { describe, inject, test as base } from "vitest";
import {
  startModelProvider,
  type ModelProviderServer,
} from "../../examples/quickstart/gateway/model-provider.ts";
import { startGateway, type Gateway, type GatewayOptions } from "../../examples/quickstart/gateway/start.ts";

/** The agents of every gateway here. */
export const agents = { writer: agentSlug.parse("writer"), reviewer: agentSlug.parse("reviewer") };

/** A gateway, and what it takes to talk to it. */
export interface TestGateway extends Gateway {
  /** Its token. */
  token: Secret;
  /** A client with the token. */
  client: OpenClawClient;
}

/** Starts a gateway with both agents. Whoever calls it stops it. */
export async function startTestGateway(
  models: ModelProviderServer,
  options: Partial<GatewayOptions> = {},
): Promise<TestGateway> {
  const token = options.token ?? new Secret(crypto.randomUUID());
  const gateway = await startGateway({
    openclaw: openclaw(),
    provider: { kind: "local", url: models.url },
    agents: Object.values(agents),
    ...options,
    token,
  });
  return { ...gateway, token, client: createOpenClawClient({ baseUrl: gateway.url, token }) };
}

/** The entry of OpenClaw. Only for what {@link describeGateway} holds. */
export function openclaw(): string {
  const entry = inject("openclaw");
  if (entry === null) throw new Error("OpenClaw is not installed: put this test into describeGateway.");
  return entry;
}

/** `describe` for tests that need OpenClaw: skipped where it could not be installed, see `setup.ts`. */
export const describeGateway = inject("openclaw") === null ? describe.skip : describe;

/** `describe` for tests that also need a way to the gateway that is not loopback, see {@link openElsewhere}. */
export const describeElsewhere = inject("ownAddress") === null ? describe.skip : describeGateway;

/** `test` with `models` and `gateway`, shared by all files. */
export const test = base
  // oxlint-disable-next-line eslint/no-empty-pattern -- Vitest reads from the pattern what is needed: nothing.
  .extend("models", { scope: "worker" }, async ({}, { onCleanup }) => {
    const models = await startModelProvider();
    onCleanup(() => models.close());
    return models;
  })
  .extend("gateway", { scope: "worker" }, async ({ models }, { onCleanup }) => {
    const gateway = await startTestGateway(models);
    onCleanup(() => gateway.stop());
    return gateway;
  });

let conversations = 0;

/** The agent and a session key that no other test has. */
export function newConversation(agent: AgentSlug = agents.writer): {
  agent: AgentSlug;
  sessionKey: SessionKey;
} {
  return { agent, sessionKey: conversation(agent, `thread ${++conversations}`) };
}

/** The session key of an agent in a thread of the account Acme. */
export function conversation(agent: AgentSlug, thread: string): SessionKey {
  return sessionKey({ account: accountId.parse("Acme"), agent, thread: threadId.parse(thread), epoch: 0 });
}
