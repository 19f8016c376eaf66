import { adminPortSuite, runtimePortSuite, tenantIsolationSuite } from "@lobstercontrol/core/testing";
import type { RuntimePortSuiteOptions } from "@lobstercontrol/core/testing";
import { subjectOver } from "./subject.ts";
import { callersOf, createTestApp, useClock } from "./test-app.ts";

function open(options: RuntimePortSuiteOptions) {
  useClock(options);
  return subjectOver(callersOf(createTestApp()));
}

runtimePortSuite("convex-test", open);
adminPortSuite("convex-test", open);
tenantIsolationSuite("convex-test", open);
