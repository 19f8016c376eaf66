import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { accountId, parse, UnauthorizedError, type BootstrapPort } from "@lobstercontrol/core";
import { createRuntimeHandler } from "@lobstercontrol/core/http";
import {
  createMockGateway,
  listenMockGateway,
  type MockGatewayOptions,
} from "@lobstercontrol/openclaw-client/testing";
import { createSqliteControlPlane } from "@lobstercontrol/sqlite";
import { onTestFinished } from "vitest";
import { serve } from "../../sqlite/tests/http/serve.ts";
import { testFolder } from "./program.ts";

/** Assembled, so that no scanner takes it for a real one. */
export const gatewayToken = ["gateway", "token", "of", "a", "test"].join("-");
export const bootstrapToken = ["lcb", "single-use-token-of-a-test"].join("_");

/** A control plane on SQLite behind a socket, a mock gateway on a port, and the environment for the program between them. */
export async function openWorld(
  options: Pick<MockGatewayOptions, "reply"> & {
    /** Changes what the runtime is served. */
    around?: (handler: (request: Request) => Promise<Response>) => (request: Request) => Promise<Response>;
  } = {},
) {
  const { around = (handler) => handler, ...mock } = options;
  const path = join(testFolder(), "lobster.db");
  const controlPlane = createSqliteControlPlane({ path });
  const account = "acme";
  await controlPlane.platform.upsertAccount({ account });
  await controlPlane.platform.upsertAgent({ account, agent: "writer" });
  const admin = controlPlane.admin({ id: "user-1" }, account);
  const { id: tokenId, token } = await admin.issueServiceToken();
  const gateway = createMockGateway({ token: gatewayToken, agents: ["writer"], ...mock });
  const gatewayServer = await listenMockGateway(gateway);
  const handler = around(
    createRuntimeHandler({
      controlPlane: { runtime: controlPlane.runtime, bootstrap: createBootstrap(path) },
    }),
  );
  const server = await serve(handler);
  onTestFinished(async () => {
    await server.close();
    await gatewayServer.close();
    controlPlane.close();
  });

  return {
    admin,
    gateway,
    gatewayServer,
    server,
    /** The control plane is back after its server was closed. */
    async serveAgain(port: number) {
      const again = await serve(handler, port);
      onTestFinished(() => again.close());
      return again;
    },
    serviceToken: token.reveal(),
    revoke: () => admin.revokeServiceToken(tokenId),
    notify: (input: string) =>
      controlPlane.platform.notify({
        account,
        agent: "writer",
        thread: input,
        input,
        idempotencyKey: input,
      }),
    messages: async () => (await controlPlane.platform.messages()).messages,
    env: {
      CONTROL_PLANE_URL: server.url,
      SERVICE_TOKEN: token.reveal(),
      OPENCLAW_GATEWAY_URL: gatewayServer.url,
      OPENCLAW_GATEWAY_TOKEN: gatewayToken,
      // The mock has no control connection.
      OPENCLAW_CONTROL: "off",
      HEALTH_PORT: "0",
      POLL_MS: "100",
      REPORT_MS: "1000",
      PROBE_MS: "1000",
    },
  };
}

/** The exchange as the port describes it, for one bootstrap token: the same hash again succeeds, another is refused. */
function createBootstrap(path: string): BootstrapPort {
  const account = parse(accountId, "acme", "account");
  let exchanged: string | null = null;
  return {
    async exchange(request) {
      const hash = request.serviceTokenHash;
      if (request.bootstrapToken.reveal() !== bootstrapToken || (exchanged !== null && exchanged !== hash))
        throw new UnauthorizedError();
      if (exchanged === null) {
        const database = new DatabaseSync(path);
        database
          .prepare(
            "INSERT INTO service_tokens (id, account, hash, created_at, created_by) VALUES (?, ?, ?, ?, ?)",
          )
          .run("stk_bootstrap", account, hash, Date.now(), "bootstrap");
        database.close();
      }
      exchanged = hash;
      return { account };
    },
    async phase() {},
  };
}
