/**
 * What a test of a LobsterControl part needs: a clock to move, and the suites that any implementation of a port runs.
 *
 * @packageDocumentation
 */
export { createFakeClock, type FakeClock } from "./fake-clock.ts";
export {
  runtimePortSuite,
  type RuntimePortSubject,
  type RuntimePortSuiteOptions,
} from "./runtime-port-suite.ts";
