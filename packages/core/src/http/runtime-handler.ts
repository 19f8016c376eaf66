import { systemClock } from "../clock.ts";
import { UnauthorizedError } from "../errors.ts";
import type { ControlPlane } from "../ports/control-plane.ts";
import { Secret } from "../secret.ts";
import { bootstrapCalls } from "./bootstrap-calls.ts";
import {
  checkPrefix,
  createHandler,
  routesOf,
  wrongMethod,
  type Handler,
  type HandlerOptions,
} from "./handler.ts";
import { runtimeCalls } from "./runtime-calls.ts";
import { watchAnswer } from "./watch-answer.ts";

/** How {@link createRuntimeHandler} is set up. */
export interface RuntimeHandlerOptions extends HandlerOptions {
  /** The control plane: what runtimes may do, and what a droplet on its first boot may, if it has that. */
  controlPlane: Pick<ControlPlane, "runtime"> & Partial<Pick<ControlPlane, "bootstrap">>;
}

/**
 * Serves runtimes on other machines: `POST /v1/runtime/CALL` with the service token, `GET /v1/runtime/watch` for wake-ups,
 * and `POST /v1/bootstrap/CALL` with the bootstrap token. Tokens are taken from `Authorization: Bearer …` and from nowhere
 * else; nobody else is let in. Serve it over TLS: `providerKeys` answers with keys in clear.
 *
 * @throws {InvalidInputError} `ERR_INVALID_INPUT` when the prefix is no path
 *
 * @example
 * ```ts
 * import { createRuntimeHandler } from "@lobstercontrol/core/http";
 * import { createSqliteControlPlane } from "@lobstercontrol/sqlite";
 *
 * const controlPlane = createSqliteControlPlane({ path: "lobster.db" });
 * export const fetch = createRuntimeHandler({ controlPlane, prefix: "/lobster" });
 * ```
 */
export function createRuntimeHandler(options: RuntimeHandlerOptions): Handler {
  const { controlPlane, clock = systemClock } = options;
  const { bootstrap } = controlPlane;
  const root = `${checkPrefix(options.prefix)}/v1`;
  const watchPath = `${root}/runtime/watch`;

  const routes = new Map([
    ...routesOf(runtimeCalls, `${root}/runtime`, async (request, call) => {
      const port = controlPlane.runtime(bearerToken(request));
      return (body) => call.serve(port, body);
    }),
    ...(bootstrap === undefined
      ? []
      : routesOf(bootstrapCalls, `${root}/bootstrap`, async (request, call) => {
          const caller = { port: bootstrap, bootstrapToken: bearerToken(request) };
          return (body) => call.serve(caller, body);
        })),
  ]);

  return createHandler(routes, options, async (request, path) => {
    if (path !== watchPath) return null;
    if (request.method !== "GET") return wrongMethod("GET");
    return await watchAnswer(controlPlane.runtime(bearerToken(request)), request, clock);
  });
}

/** @throws {UnauthorizedError} `ERR_UNAUTHORIZED` when there is none */
function bearerToken(request: Request): Secret {
  const [, token] = /^Bearer +([\x21-\x7e]{1,512})$/i.exec(request.headers.get("authorization") ?? "") ?? [];
  if (token === undefined) throw new UnauthorizedError();
  return new Secret(token);
}
