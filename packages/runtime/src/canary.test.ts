import { createOpenClawClient } from "@lobstercontrol/openclaw-client";
import { createMockGateway } from "@lobstercontrol/openclaw-client/testing";
import { createSqliteControlPlane } from "@lobstercontrol/sqlite";
import { inspect } from "node:util";
import { expect, it } from "vitest";
import type { RuntimeEvent } from "./events.ts";
import { createRuntime } from "./runtime.ts";

const canaries = {
  gatewayToken: "canary-gateway-token",
  input: "canary-input-of-a-person",
  instructions: "canary-instructions",
  reply: "canary-reply-of-an-agent",
  providerKey: ["sk", "canary", "0123456789abcdef"].join("-"),
};

it("promise 12: no log line and no failure reason holds a token, a key, a session key or what anybody wrote", async () => {
  const lines: unknown[] = [];
  const log = (fields: Record<string, unknown>, message: string): unknown => lines.push([fields, message]);
  const gateway = createMockGateway({ token: canaries.gatewayToken, agents: ["writer"] });
  // A provider that quotes everything it was sent, as providers do.
  const quoting = `bad key ${canaries.providerKey} for ${canaries.input} ${canaries.instructions}`;
  gateway.reply = ({ turn, sessionKey }) =>
    turn < 3
      ? { fail: { status: 401, code: "authentication_error", message: `${quoting} in ${sessionKey}` } }
      : { text: canaries.reply };

  const controlPlane = createSqliteControlPlane({ path: ":memory:", backoff: { baseMs: 1, capMs: 1 } });
  await controlPlane.platform.upsertAccount({ account: "acme" });
  await controlPlane.platform.upsertAgent({ account: "acme", agent: "writer" });
  const admin = controlPlane.admin({ id: "u" }, "acme");
  const { token } = await admin.issueServiceToken();
  const port = controlPlane.runtime(token);
  const reasons: unknown[] = [];
  let claims = 0;
  const runtime = createRuntime({
    // A control plane that fails once, with an error that holds what it should not.
    port: {
      ...port,
      claim: (request) =>
        ++claims === 1 ? Promise.reject(new Error(`bearer ${token.reveal()} refused`)) : port.claim(request),
    },
    client: createOpenClawClient({
      baseUrl: "http://gateway.test",
      token: canaries.gatewayToken,
      fetch: gateway.fetch,
      logger: { debug: log, info: log, warn: log, error: log },
    }),
    logger: { debug: log, info: log, warn: log, error: log },
    onEvent: (event: RuntimeEvent) => event.type === "failed" && reasons.push(event.failure),
  });
  const { input, instructions } = canaries;
  const notification = { account: "acme", agent: "writer", thread: "canary-thread", input, instructions };
  await controlPlane.platform.notify({ ...notification, idempotencyKey: "1" });
  runtime.start();
  await expect.poll(async () => (await controlPlane.platform.messages()).messages.length).toBe(1);
  const stored = (await admin.notifications()).items.map(({ lastError, attempt }) => [
    lastError,
    attempt?.outcome,
  ]);
  await runtime.stop();
  controlPlane.close();

  expect(lines.length).toBeGreaterThan(3);
  expect(reasons).toHaveLength(2);
  const shown = inspect([lines, reasons, stored], { depth: 20, maxStringLength: null });
  for (const canary of [...Object.values(canaries), token.reveal(), "canary-thread"])
    expect(shown).not.toContain(canary);
});
