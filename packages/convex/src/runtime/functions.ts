import type {
  AttemptStart,
  Claim,
  ClaimRequest,
  DeliveryOutcome,
  Directives,
  Failure,
  LeaseProof,
  RuntimeReport,
} from "@lobstercontrol/core";
import { makeFunctionReference, type FunctionReference } from "convex/server";
import type { Infer } from "convex/values";
import type { agentRoster } from "../validators.ts";

/** A function that takes the service token, besides what it is about. */
export type RuntimeFunction<Kind extends "query" | "mutation" | "action", Args, Answer> = FunctionReference<
  Kind,
  "public",
  { token: string } & Args,
  Answer
>;

/** The functions of an app that its runtimes call: what `LobsterControl.runtimeApi` makes, as they are referred to. */
export interface RuntimeFunctions {
  /** Changes when there may be something to claim. */
  isThereWork: RuntimeFunction<"query", unknown, { newest: string | null }>;
  /** Hands out notifications, with the context of each. */
  claim: RuntimeFunction<"mutation", { request: ClaimRequest }, Claim[]>;
  /** Stores that an attempt is about to be sent. */
  begin: RuntimeFunction<"mutation", { lease: LeaseProof; attempt: AttemptStart }, null>;
  /** Makes a lease last from now. */
  renew: RuntimeFunction<"mutation", { lease: LeaseProof; leaseMs: number }, null>;
  /** Delivers: the reply and the end of the notification at once. */
  complete: RuntimeFunction<
    "mutation",
    { lease: LeaseProof; outcome: DeliveryOutcome },
    { message: "posted" | "duplicate" | "none" }
  >;
  /** Does not deliver. */
  fail: RuntimeFunction<
    "mutation",
    { lease: LeaseProof; failure: Failure },
    { next: "retry" | "dead"; inMs?: number }
  >;
  /** Hands back untried. */
  release: RuntimeFunction<"mutation", { lease: LeaseProof }, null>;
  /** The agents that the gateway should have. */
  agents: RuntimeFunction<"query", unknown, Infer<typeof agentRoster>>;
  /** The keys in clear; an action. */
  providerKeys: RuntimeFunction<
    "action",
    unknown,
    { generation: number; keys: { provider: string; key: string }[] }
  >;
  /** How the runtime is, and what is wanted of it. */
  report: RuntimeFunction<"mutation", { report: RuntimeReport }, Directives>;
}

/**
 * The functions of a module by their names.
 *
 * @param module where the app exports them: `lobster/runtime` for `convex/lobster/runtime.ts`
 */
export function runtimeFunctions(module: string): RuntimeFunctions {
  const named = <Reference extends FunctionReference<"query" | "mutation" | "action">>(
    name: keyof RuntimeFunctions,
  ): Reference => makeFunctionReference(`${module}:${name}`) as unknown as Reference;
  return {
    isThereWork: named("isThereWork"),
    claim: named("claim"),
    begin: named("begin"),
    renew: named("renew"),
    complete: named("complete"),
    fail: named("fail"),
    release: named("release"),
    agents: named("agents"),
    providerKeys: named("providerKeys"),
    report: named("report"),
  };
}
