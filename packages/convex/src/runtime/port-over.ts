import { Secret, type RuntimePort } from "@lobstercontrol/core";
import type { FunctionArgs, FunctionReference, FunctionReturnType } from "convex/server";
import { reviving } from "../convex-error.ts";
import type { RuntimeFunctions } from "./functions.ts";

/** What calls functions: a client, or the context of an action. */
export interface Caller<Visibility extends "public" | "internal" = "public"> {
  query<F extends FunctionReference<"query", Visibility>>(
    f: F,
    args: FunctionArgs<F>,
  ): Promise<FunctionReturnType<F>>;
  mutation<F extends FunctionReference<"mutation", Visibility>>(
    f: F,
    args: FunctionArgs<F>,
  ): Promise<FunctionReturnType<F>>;
  action<F extends FunctionReference<"action", Visibility>>(
    f: F,
    args: FunctionArgs<F>,
  ): Promise<FunctionReturnType<F>>;
}

/** The port of a runtime over functions, whoever calls them. Their errors are ours again. */
export function runtimePortOver(
  caller: Caller,
  functions: RuntimeFunctions,
  serviceToken: Secret,
): Omit<RuntimePort, "watch"> {
  const token = (): string => serviceToken.reveal();

  return {
    claim: (request) => reviving(() => caller.mutation(functions.claim, { token: token(), request })),
    async begin(lease, attempt) {
      await reviving(() => caller.mutation(functions.begin, { token: token(), lease, attempt }));
    },
    async renew(lease, leaseMs) {
      await reviving(() => caller.mutation(functions.renew, { token: token(), lease, leaseMs }));
    },
    complete: (lease, outcome) =>
      reviving(() => caller.mutation(functions.complete, { token: token(), lease, outcome })),
    fail: (lease, failure) =>
      reviving(() => caller.mutation(functions.fail, { token: token(), lease, failure })),
    async release(lease) {
      await reviving(() => caller.mutation(functions.release, { token: token(), lease }));
    },
    async agents() {
      const roster = await reviving(() => caller.query(functions.agents, { token: token() }));
      return {
        revision: roster.revision,
        agents: roster.agents.map((agent) => ({
          ...agent,
          files: Object.fromEntries(agent.files.map(({ name, text }) => [name, text])),
        })),
      };
    },
    async providerKeys() {
      const set = await reviving(() => caller.action(functions.providerKeys, { token: token() }));
      return {
        generation: set.generation,
        keys: set.keys.map(({ provider, key }) => ({ provider, key: new Secret(key) })),
      };
    },
    report: (report) => reviving(() => caller.mutation(functions.report, { token: token(), report })),
  };
}
