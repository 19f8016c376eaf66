import { describe } from "vitest";
import { attempts } from "./runtime-port/attempts.ts";
import { badInput } from "./runtime-port/bad-input.ts";
import { heartbeats } from "./runtime-port/heartbeats.ts";
import { leases } from "./runtime-port/leases.ts";
import { lostAnswers } from "./runtime-port/lost-answers.ts";
import { messages } from "./runtime-port/messages.ts";
import { neverLost } from "./runtime-port/never-lost.ts";
import { order } from "./runtime-port/order.ts";
import { roster } from "./runtime-port/roster.ts";
import { tokens } from "./runtime-port/tokens.ts";
import { watch } from "./runtime-port/watch.ts";
import {
  useRuntimePort,
  type RuntimePortSubject,
  type RuntimePortSuiteOptions,
} from "./runtime-port/runtime-port-test.ts";

/**
 * What every control plane must do for runtimes: promises 1 to 5. That nothing crosses accounts is
 * `tenantIsolationSuite`. Call it in a test file; it needs vitest.
 *
 * @param name shown in the report
 * @param make opens a control plane with these settings, empty unless it says that it is shared
 *
 * @example
 * ```ts
 * import { runtimePortSuite } from "@lobstercontrol/core/testing";
 * import { createSqliteControlPlane } from "@lobstercontrol/sqlite";
 *
 * runtimePortSuite("SQLite", (options) => createSqliteControlPlane({ path: ":memory:", ...options }));
 * ```
 */
export function runtimePortSuite(
  name: string,
  make: (options: RuntimePortSuiteOptions) => Promise<RuntimePortSubject> | RuntimePortSubject,
): void {
  describe(`RuntimePort on ${name}`, () => {
    const t = useRuntimePort(make);
    neverLost(t);
    leases(t);
    messages(t);
    order(t);
    lostAnswers(t);
    attempts(t);
    tokens(t);
    badInput(t);
    roster(t);
    heartbeats(t);
    watch(t);
  });
}
