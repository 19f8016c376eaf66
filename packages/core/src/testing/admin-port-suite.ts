import { describe } from "vitest";
import { activities } from "./admin-port/activities.ts";
import type { AdminUnderTest } from "./admin-port/admin-port-test.ts";
import { deliveries } from "./admin-port/deliveries.ts";
import { lists } from "./admin-port/lists.ts";
import { providerKeys } from "./admin-port/provider-keys.ts";
import { runtime } from "./admin-port/runtime.ts";
import { serviceTokens } from "./admin-port/service-tokens.ts";
import {
  useRuntimePort,
  type RuntimePortSubject,
  type RuntimePortSuiteOptions,
} from "./runtime-port/runtime-port-test.ts";

/**
 * What every control plane must do for admins: deliveries, service tokens, activities, provider keys and the runtime. Call it
 * in a test file; it needs vitest.
 *
 * @param name shown in the report
 * @param make opens a control plane with these settings, empty unless it says that it is shared, and with a vault
 *
 * @example
 * ```ts
 * import { adminPortSuite } from "@lobstercontrol/core/testing";
 * import { createKeyRing, createVault, generateMasterKey } from "@lobstercontrol/secrets";
 * import { createSqliteControlPlane } from "@lobstercontrol/sqlite";
 *
 * const keyRing = createKeyRing({ keys: [{ id: "k1", secret: generateMasterKey(), status: "active" }] });
 * const vault = createVault({ keyRing });
 * adminPortSuite("SQLite", (options) => createSqliteControlPlane({ path: ":memory:", vault, ...options }));
 * ```
 */
export function adminPortSuite<Admin extends AdminUnderTest>(
  name: string,
  make: (options: RuntimePortSuiteOptions) => Promise<RuntimePortSubject<Admin>> | RuntimePortSubject<Admin>,
): void {
  describe(`AdminPort on ${name}`, () => {
    const t = useRuntimePort(make);
    deliveries(t);
    lists(t);
    serviceTokens(t);
    activities(t);
    providerKeys(t);
    runtime(t);
  });
}
