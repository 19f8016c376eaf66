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

type Call<Kind extends "query" | "mutation" | "action", Args, Answer> = FunctionReference<
  Kind,
  "public",
  { token: string } & Args,
  Answer
>;

/** The functions of an app that its runtimes call: what `LobsterControl.runtimeApi` makes, as they are referred to. */
export interface RuntimeFunctions {
  /** Changes when there may be something to claim. */
  isThereWork: Call<"query", unknown, { newest: string | null }>;
  claim: Call<"mutation", { request: ClaimRequest }, Claim[]>;
  begin: Call<"mutation", { lease: LeaseProof; attempt: AttemptStart }, null>;
  renew: Call<"mutation", { lease: LeaseProof; leaseMs: number }, null>;
  complete: Call<
    "mutation",
    { lease: LeaseProof; outcome: DeliveryOutcome },
    { message: "posted" | "duplicate" | "none" }
  >;
  fail: Call<"mutation", { lease: LeaseProof; failure: Failure }, { next: "retry" | "dead"; inMs?: number }>;
  release: Call<"mutation", { lease: LeaseProof }, null>;
  agents: Call<"query", unknown, Infer<typeof agentRoster>>;
  providerKeys: Call<"action", unknown, { generation: number; keys: { provider: string; key: string }[] }>;
  report: Call<"mutation", { report: RuntimeReport }, Directives>;
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
