import {
  createBootstrapPort,
  systemClock,
  type Logger,
  type Provisioner,
  type RuntimePort,
  type Secret,
} from "@lobstercontrol/core";
import {
  createAdminHandler,
  createRuntimeHandler,
  type AuthorizedAdmin,
  type Handler,
} from "@lobstercontrol/core/http";
import {
  httpActionGeneric,
  type GenericActionCtx,
  type GenericDataModel,
  type HttpRouter,
} from "convex/server";
import { runtimePortOver } from "../runtime/port-over.ts";
import type { RuntimeFunctions } from "../runtime/functions.ts";
import { createAdminPort } from "./admin-port.ts";
import { createProvisionStore } from "./provision-store.ts";
import type { LobsterControlComponent, RunsMutations } from "./types.ts";

/** How the HTTP binding is served. */
export interface HttpRoutesOptions {
  /** What stands before `/v1/` in the path, such as `/lobster`; nothing by default. */
  prefix?: string;
  /** Your functions that `runtimeApi` made, such as `api.lobster.runtime`: for runtimes that speak HTTP and not Convex. */
  runtime?: RuntimeFunctions;
  /** For admins that speak HTTP: says who asks and for which account, or null when they may not. There is no default. */
  admin?: {
    /** Is asked with each request, and must not read the body. */
    authorize(
      ctx: GenericActionCtx<GenericDataModel>,
      request: Request,
    ): Promise<AuthorizedAdmin | null> | AuthorizedAdmin | null;
    /** Which origins a browser's page may have that sends cookies. None by default. */
    allowedOrigins?: readonly string[];
  };
  /** Where failures go. */
  logger?: Logger;
}

/** Adds the paths of the HTTP binding to a router. There is no `watch`: runtimes that speak HTTP poll. */
export function addHttpRoutes(
  component: LobsterControlComponent,
  http: HttpRouter,
  { prefix = "", runtime, admin, logger }: HttpRoutesOptions,
  provisionerOf: (ctx: RunsMutations) => Provisioner,
): void {
  const shared = { prefix, ...(logger === undefined ? {} : { logger }) };
  const serve = (path: string, handlerOf: (ctx: GenericActionCtx<GenericDataModel>) => Handler): void =>
    http.route({
      pathPrefix: `${prefix}/v1/${path}/`,
      method: "POST",
      handler: httpActionGeneric(async (ctx, request) => await handlerOf(ctx)(request)),
    });

  if (runtime !== undefined) {
    const handlerOf = (ctx: GenericActionCtx<GenericDataModel>): Handler =>
      createRuntimeHandler({
        ...shared,
        controlPlane: {
          runtime: (token) => portOf(ctx, runtime, token),
          bootstrap: createBootstrapPort({ store: createProvisionStore(component, ctx), clock: systemClock }),
        },
      });
    serve("runtime", handlerOf);
    // A droplet calls here on its first boot, with its bootstrap token as the only credential.
    serve("bootstrap", handlerOf);
  }
  if (admin !== undefined)
    serve("admin", (ctx) =>
      createAdminHandler({
        ...shared,
        controlPlane: {
          admin: (actor, account) =>
            createAdminPort(component, ctx, actor, account, () => provisionerOf(ctx)),
        },
        authorize: (request) => admin.authorize(ctx, request),
        ...(admin.allowedOrigins === undefined ? {} : { allowedOrigins: admin.allowedOrigins }),
      }),
    );
}

function portOf(
  ctx: GenericActionCtx<GenericDataModel>,
  functions: RuntimeFunctions,
  token: Secret,
): RuntimePort {
  return runtimePortOver(
    {
      query: (f, args) => ctx.runQuery(f, args),
      mutation: (f, args) => ctx.runMutation(f, args),
      action: (f, args) => ctx.runAction(f, args),
    },
    functions,
    token,
  );
}
