import { createRuntimeHandler } from "@lobstercontrol/core/http";
import {
  createMockGateway,
  listenMockGateway,
  type MockGatewayOptions,
} from "@lobstercontrol/openclaw-client/testing";
import { createSqliteControlPlane } from "@lobstercontrol/sqlite";
import { onTestFinished } from "vitest";
import { serve } from "../../sqlite/tests/http/serve.ts";

/** Assembled, so that no scanner takes it for a real one. */
export const gatewayToken = ["gateway", "token", "of", "a", "test"].join("-");

/** A control plane on SQLite behind a socket, a mock gateway on a port, and the environment for the program between them. */
export async function openWorld(
  options: Pick<MockGatewayOptions, "reply"> & {
    /** Changes what the runtime is served. */
    around?: (handler: (request: Request) => Promise<Response>) => (request: Request) => Promise<Response>;
  } = {},
) {
  const { around = (handler) => handler, ...mock } = options;
  const controlPlane = createSqliteControlPlane({ path: ":memory:" });
  const account = "acme";
  await controlPlane.platform.upsertAccount({ account });
  await controlPlane.platform.upsertAgent({ account, agent: "writer" });
  const admin = controlPlane.admin({ id: "user-1" }, account);
  const { id: tokenId, token } = await admin.issueServiceToken();
  const gateway = createMockGateway({ token: gatewayToken, agents: ["writer"], ...mock });
  const gatewayServer = await listenMockGateway(gateway);
  const server = await serve(around(createRuntimeHandler({ controlPlane })));
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
