import { randomUUID } from "node:crypto";
import type { Actor } from "@lobstercontrol/core";
import {
  createAdminClient,
  createAdminHandler,
  createRuntimeClient,
  createRuntimeHandler,
  type Handler,
} from "@lobstercontrol/core/http";
import { createSqliteControlPlane, type SqliteControlPlaneOptions } from "@lobstercontrol/sqlite";
import { testVault } from "../test-vault.ts";
import { serve } from "./serve.ts";

/** A SQLite control plane whose runtimes and admins are on the other side of a socket. */
export async function openOverHttp(options: Omit<SqliteControlPlaneOptions, "path">) {
  const { clock } = options;
  const controlPlane = createSqliteControlPlane({ path: ":memory:", vault: testVault, ...options });
  const sessions = new Map<string, { actor: Actor; account: string }>();
  const authorize = (request: Request) =>
    sessions.get(request.headers.get("authorization")?.replace("Bearer ", "") ?? "") ?? null;

  const settings = { controlPlane, ...(clock === undefined ? {} : { clock }) };
  const server = await serve(
    handlers(createRuntimeHandler(settings), createAdminHandler({ ...settings, authorize })),
  );
  const { url } = server;
  return {
    url,
    controlPlane,
    platform: controlPlane.platform,
    runtime: (serviceToken: Parameters<typeof controlPlane.runtime>[0]) =>
      createRuntimeClient({ url, serviceToken, ...(clock === undefined ? {} : { clock }) }),
    admin(actor: Actor, account: string) {
      const token = randomUUID();
      sessions.set(token, { actor, account });
      return createAdminClient({ url, token, ...(clock === undefined ? {} : { clock }) });
    },
    async close() {
      await server.close();
      controlPlane.close();
    },
  };
}

/** Both handlers on one port, as a platform would have them. */
function handlers(runtime: Handler, admin: Handler): Handler {
  return (request) => (new URL(request.url).pathname.startsWith("/v1/admin/") ? admin : runtime)(request);
}
