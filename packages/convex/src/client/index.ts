/**
 * The LobsterControl control plane as a Convex component: what an app makes of it.
 *
 * @packageDocumentation
 */
export type { AdminApiOptions, AdminRequest, AuthorizeCtx } from "./admin-api.ts";
export type { ContextOf } from "./context.ts";
export type { FleetEntry } from "./fleet.ts";
export type { HttpRoutesOptions } from "./http.ts";
export { LobsterControl } from "./lobster-control.ts";
export type { RuntimeApiOptions } from "./runtime-api.ts";
export type { LobsterControlOptions } from "./settings.ts";
export type { LobsterControlComponent, RunsActions, RunsMutations, RunsQueries } from "./types.ts";
export type { RuntimeFunction, RuntimeFunctions } from "../runtime/functions.ts";
