import type { FunctionArgs, FunctionReference, FunctionReturnType } from "convex/server";
import type { ComponentApi } from "../component/_generated/component.ts";

/** The component, as the app has it: `components.lobsterControl`. */
export type LobsterControlComponent = ComponentApi;

/** The context of a query, a mutation or an action. */
export interface RunsQueries {
  /** Runs a query. */
  runQuery<F extends FunctionReference<"query", "public" | "internal">>(
    f: F,
    args: FunctionArgs<F>,
  ): Promise<FunctionReturnType<F>>;
}

/** The context of a mutation or an action. */
export interface RunsMutations extends RunsQueries {
  /** Runs a mutation. */
  runMutation<F extends FunctionReference<"mutation", "public" | "internal">>(
    f: F,
    args: FunctionArgs<F>,
  ): Promise<FunctionReturnType<F>>;
}

/** The context of an action. */
export interface RunsActions extends RunsMutations {
  /** Runs an action. */
  runAction<F extends FunctionReference<"action", "public" | "internal">>(
    f: F,
    args: FunctionArgs<F>,
  ): Promise<FunctionReturnType<F>>;
}
