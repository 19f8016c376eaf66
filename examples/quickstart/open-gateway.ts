import { Secret } from "@lobstercontrol/core";
import { createOpenClawClient } from "@lobstercontrol/openclaw-client";
import { createMockGateway, listenMockGateway, type MockRun } from "@lobstercontrol/openclaw-client/testing";
import { ensureOpenClaw } from "./gateway/install.ts";
import { startModelProvider } from "./gateway/model-provider.ts";
import { startGateway } from "./gateway/start.ts";
import { UsageError, type GatewayChoice } from "./options.ts";
import type { Terminal } from "./terminal.ts";

/** A gateway that is ready, whoever started it. */
export interface OpenGateway {
  /** Its base URL. */
  url: string;
  /** Its token. */
  token: Secret;
  /** Two agents of it; one when it has no more. */
  agents: string[];
  /** Whether a model of ours answers, which fails when it is asked to. */
  staged: boolean;
}

/** What the demo's agents are, where the demo makes them. */
const agents = ["writer", "reviewer"];

/**
 * Makes a gateway ready. What has to be ended afterwards goes to `onEnd`, as soon as it is there.
 *
 * @throws an error whose message is one sentence and the way out
 */
export async function openGateway(
  choice: GatewayChoice,
  terminal: Terminal,
  signal: AbortSignal,
  onEnd: (end: () => Promise<void>) => void,
): Promise<OpenGateway> {
  switch (choice.kind) {
    case "running":
      return await terminal.step(`Looking at the gateway at ${choice.url}`, () => lookAt(choice));
    case "mock":
      return await terminal.step("Starting a mock gateway in this process", async () => {
        const token = new Secret(crypto.randomUUID());
        const gateway = createMockGateway({ token: token.reveal(), agents, reply: mockReply() });
        const server = await listenMockGateway(gateway);
        onEnd(() => server.close());
        return {
          value: { url: server.url, token, agents, staged: true },
          done: `A mock gateway answers at ${server.url}: nothing was downloaded, and no agent is real`,
        };
      });
    case "start":
      return await startReal(choice, terminal, signal, onEnd);
  }
}

async function startReal(
  { port, provider }: Extract<GatewayChoice, { kind: "start" }>,
  terminal: Terminal,
  signal: AbortSignal,
  onEnd: (end: () => Promise<void>) => void,
): Promise<OpenGateway> {
  const openclaw = await terminal.step("Looking for OpenClaw", async (onProgress) => ({
    value: await ensureOpenClaw({ onProgress, signal }),
    done: "OpenClaw is installed, in .cache of this repository",
  }));
  return await terminal.step("Starting the OpenClaw gateway", async (onProgress) => {
    const model = provider === null ? await startModelProvider() : null;
    if (model !== null) onEnd(() => model.close());
    const token = new Secret(crypto.randomUUID());
    const gateway = await startGateway({
      openclaw,
      provider: provider ?? { kind: "local", url: model!.url },
      agents,
      token,
      port,
      onProgress,
      signal,
    });
    onEnd(() => gateway.stop());
    const words =
      provider === null
        ? "a small model of ours speaks for its agents"
        : `${provider.kind} speaks for its agents`;
    return {
      value: { url: gateway.url, token, agents, staged: provider === null },
      done: `A real OpenClaw gateway answers at ${gateway.url}; ${words}: ${agents.join(", ")}`,
    };
  });
}

async function lookAt({ url, token }: Extract<GatewayChoice, { kind: "running" }>) {
  const client = createOpenClawClient({ baseUrl: url, token });
  const probe = await client.probe();
  if (probe.live !== true)
    throw new UsageError(
      `No OpenClaw gateway answers at ${url}: start it, correct the URL, or leave --gateway out.`,
    );
  if (probe.authorized === false)
    throw new UsageError(
      `The gateway at ${url} refuses the token: use the one in its gateway.auth.token or OPENCLAW_GATEWAY_TOKEN.`,
    );
  if (probe.responsesEnabled === false)
    throw new UsageError(
      `The gateway at ${url} has POST /v1/responses off: set gateway.http.endpoints.responses.enabled to true.`,
    );
  if (probe.ready !== true)
    throw new UsageError(`The gateway at ${url} is not ready: ${probe.reason ?? "try again in a moment"}`);
  const known = await client.models();
  if (known.length === 0)
    throw new UsageError(`The gateway at ${url} lists no agents: add one to its agents.entries.`);
  return {
    value: { url, token, agents: known.slice(0, 2), staged: false },
    done: `The gateway at ${url} takes the token; its agents: ${known.join(", ")}`,
  };
}

/** What the mock says: as the small model does, in fewer words. */
function mockReply() {
  const failed = new Set<string>();
  return ({ agent, input, turn }: MockRun) => {
    if (input.includes("FAILONCE") && !failed.has(input)) {
      failed.add(input);
      return { fail: { status: 502, code: "api_error", message: "the model provider answered 500" } };
    }
    return { delayMs: 20, text: `${agent}: noted. This is message ${turn} of our conversation.` };
  };
}
