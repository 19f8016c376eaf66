/**
 * What a test of a LobsterControl part needs: a clock to move, and the suites that any implementation of a port runs.
 *
 * @packageDocumentation
 */
export { createFakeClock, type FakeClock } from "./fake-clock.ts";
export { runtimePortSuite } from "./runtime-port-suite.ts";
export type { RuntimePortSubject, RuntimePortSuiteOptions } from "./runtime-port/runtime-port-test.ts";
