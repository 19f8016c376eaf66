import { join } from "node:path";
import { Secret } from "@lobstercontrol/core";
import { onTestFinished } from "vitest";
import { startModelProvider } from "../../examples/quickstart/gateway/model-provider.ts";
import { startGateway } from "../../examples/quickstart/gateway/start.ts";
import { openclaw } from "../gateway/fixture.ts";
import type { Program } from "./program.ts";
import { agent } from "./settings.ts";

/** OpenClaw as a program that can be killed and started again on the same state, with a model provider that outlives it. */
export async function openRealGateway() {
  const models = await startModelProvider();
  onTestFinished(() => models.close());

  function start(folder: string, { port, token }: { port: number; token: string }): Program {
    const giveUp = new AbortController();
    const starting = startGateway({
      openclaw: openclaw(),
      provider: { kind: "local", url: models.url },
      agents: [agent],
      token: new Secret(token),
      port,
      stateDir: join(folder, "gateway"),
      signal: giveUp.signal,
    });
    let isRunning = true;
    let complaints = "";
    const ended = starting
      .then(async (gateway) => {
        const how = await gateway.ended;
        complaints = gateway.lastLines().join("\n");
        return typeof how === "number" ? { code: how, signal: null } : { code: null, signal: how };
      })
      .catch((error: unknown) => {
        complaints = String(error);
        return { code: null, signal: giveUp.signal.aborted ? ("SIGKILL" as const) : null };
      })
      .finally(() => (isRunning = false));
    return {
      name: "gateway",
      ended,
      isRunning: () => isRunning,
      // Never anything gentler: the test is about its death.
      send() {
        giveUp.abort();
        starting.then(
          (gateway) => gateway.kill(),
          () => {},
        );
      },
      complaints: () => complaints,
    };
  }
  return { models, start };
}
