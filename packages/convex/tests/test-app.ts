/// <reference types="vite/client" />
import { convexTest } from "convex-test";
import type { RuntimePort, Secret } from "@lobstercontrol/core";
import type { RuntimePortSuiteOptions } from "@lobstercontrol/core/testing";
import { vi } from "vitest";
import { register } from "../src/test.ts";
import { runtimeFunctions } from "../src/runtime/functions.ts";
import { runtimePortOver } from "../src/runtime/port-over.ts";
import schema from "./app/convex/schema.ts";
import { setMasterKey } from "./master-key.ts";
import type { AppCallers } from "./subject.ts";

export const modules = import.meta.glob("./app/convex/**/*.{ts,js}");

/** The test app on convex-test, with the limits of a deployment. */
export function createTestApp() {
  setMasterKey();
  const t = convexTest({ schema, modules, transactionLimits: true });
  register(t);
  return t;
}

/** Makes Convex's time that of a suite. */
export function useClock({ clock }: Pick<RuntimePortSuiteOptions, "clock">): void {
  vi.spyOn(Date, "now").mockImplementation(() => clock.now());
}

/** Calls the functions of convex-test directly. */
export function callersOf(t: ReturnType<typeof createTestApp>): AppCallers {
  const changed = new Set<() => void>();
  const callerOf = (as: unknown): AppCallers["operator"] => {
    // The same calls; its types say so in a way that no generic function can follow.
    const { query, mutation, action } = as as AppCallers["operator"];
    return {
      query,
      async mutation(f, args) {
        const answer = await mutation(f, args);
        for (const look of changed) look();
        return answer;
      },
      action,
    };
  };
  const operator = callerOf(t);
  const functions = runtimeFunctions("lobster/runtime");

  /** What a subscription does: the query runs again after a change, and tells when its answer is another. */
  function watch(token: Secret, onWork: () => void, signal: AbortSignal): void {
    let seen: string | null = null;
    const look = (): void => {
      void operator.query(functions.isThereWork, { token: token.reveal() }).then(({ newest }) => {
        if (newest === seen || signal.aborted) return;
        seen = newest;
        onWork();
      });
    };
    changed.add(look);
    signal.addEventListener("abort", () => changed.delete(look), { once: true });
  }

  return {
    operator,
    user: (id) => callerOf(t.withIdentity({ subject: id })),
    runtime: (token): RuntimePort => ({
      ...runtimePortOver(operator, functions, token),
      watch: (onWork, signal) => watch(token, onWork, signal),
    }),
    close: () => {
      vi.restoreAllMocks();
    },
  };
}
