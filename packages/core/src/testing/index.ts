/**
 * What a test of a LobsterControl part needs: a clock to move, and the suites that any implementation of a port runs.
 *
 * @packageDocumentation
 */
export { adminPortSuite } from "./admin-port-suite.ts";
export type { AdminUnderTest } from "./admin-port/admin-port-test.ts";
export { bootstrapPortSuite, type BootstrapPortFixture } from "./bootstrap-port-suite.ts";
export { createMemoryProvisionStore, type MemoryProvisionStore } from "./provision/memory-provision-store.ts";
export { provisionStoreSuite, type ProvisionStoreFixture } from "./provision-store-suite.ts";
export { createFakeClock, type FakeClock } from "./fake-clock.ts";
export { reportOf } from "./report.ts";
export { runtimePortSuite } from "./runtime-port-suite.ts";
export { tenantIsolationSuite } from "./tenant-isolation-suite.ts";
export type {
  AdminOfDeliveries,
  RuntimePortSubject,
  RuntimePortSuiteOptions,
} from "./runtime-port/runtime-port-test.ts";
