import { describe } from "vitest";
import type { AdminUnderTest } from "./admin-port/admin-port-test.ts";
import {
  useRuntimePort,
  type RuntimePortSubject,
  type RuntimePortSuiteOptions,
} from "./runtime-port/runtime-port-test.ts";
import { admins } from "./tenant-isolation/admins.ts";
import { platform } from "./tenant-isolation/platform.ts";
import { runtimes } from "./tenant-isolation/runtimes.ts";
import { useTwoAccounts } from "./tenant-isolation/two-accounts.ts";

/**
 * Promise 7, that nothing crosses accounts, for every call of the platform, of admins and of runtimes: with ids, leases,
 * cursors and names of another account there is nothing to be had, changed or learned. Call it in a test file; it needs
 * vitest.
 *
 * @param name shown in the report
 * @param make opens a control plane with these settings, empty unless it says that it is shared, and with a vault
 *
 * @example
 * ```ts
 * import { tenantIsolationSuite } from "@lobstercontrol/core/testing";
 * import { createKeyRing, createVault, generateMasterKey } from "@lobstercontrol/secrets";
 * import { createSqliteControlPlane } from "@lobstercontrol/sqlite";
 *
 * const keyRing = createKeyRing({ keys: [{ id: "k1", secret: generateMasterKey(), status: "active" }] });
 * const vault = createVault({ keyRing });
 * tenantIsolationSuite("SQLite", (options) => createSqliteControlPlane({ path: ":memory:", vault, ...options }));
 * ```
 */
export function tenantIsolationSuite<Admin extends AdminUnderTest>(
  name: string,
  make: (options: RuntimePortSuiteOptions) => Promise<RuntimePortSubject<Admin>> | RuntimePortSubject<Admin>,
): void {
  describe(`promise 7: nothing crosses accounts on ${name}`, () => {
    const two = useTwoAccounts(useRuntimePort(make));
    runtimes(two);
    admins(two);
    platform(two);
  });
}
