/* eslint-disable */
/**
 * Generated `api` utility.
 *
 * THIS CODE IS AUTOMATICALLY GENERATED.
 *
 * To regenerate, run `npx convex dev`.
 * @module
 */

import type * as agents from "../agents.js";
import type * as authz from "../authz.js";
import type * as crons from "../crons.js";
import type * as flags from "../flags.js";
import type * as http from "../http.js";
import type * as lobster_admin from "../lobster/admin.js";
import type * as lobster_bootstrap from "../lobster/bootstrap.js";
import type * as lobster_control from "../lobster/control.js";
import type * as lobster_droplets from "../lobster/droplets.js";
import type * as lobster_runtime from "../lobster/runtime.js";
import type * as provisioning from "../provisioning.js";
import type * as seed from "../seed.js";
import type * as threads from "../threads.js";
import type * as upkeep from "../upkeep.js";

import type {
  ApiFromModules,
  FilterApi,
  FunctionReference,
} from "convex/server";

declare const fullApi: ApiFromModules<{
  agents: typeof agents;
  authz: typeof authz;
  crons: typeof crons;
  flags: typeof flags;
  http: typeof http;
  "lobster/admin": typeof lobster_admin;
  "lobster/bootstrap": typeof lobster_bootstrap;
  "lobster/control": typeof lobster_control;
  "lobster/droplets": typeof lobster_droplets;
  "lobster/runtime": typeof lobster_runtime;
  provisioning: typeof provisioning;
  seed: typeof seed;
  threads: typeof threads;
  upkeep: typeof upkeep;
}>;

/**
 * A utility for referencing Convex functions in your app's public API.
 *
 * Usage:
 * ```js
 * const myFunctionReference = api.myModule.myFunction;
 * ```
 */
export declare const api: FilterApi<
  typeof fullApi,
  FunctionReference<any, "public">
>;

/**
 * A utility for referencing Convex functions in your app's internal API.
 *
 * Usage:
 * ```js
 * const myFunctionReference = internal.myModule.myFunction;
 * ```
 */
export declare const internal: FilterApi<
  typeof fullApi,
  FunctionReference<any, "internal">
>;

export declare const components: {
  lobsterControl: import("@lobstercontrol/convex/_generated/component.js").ComponentApi<"lobsterControl">;
};
