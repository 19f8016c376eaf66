import {
  adminPortSuite,
  runtimePortSuite,
  tenantIsolationSuite,
  type RuntimePortSuiteOptions,
} from "@lobstercontrol/core/testing";
import { vi } from "vitest";
import { subjectOver } from "../../packages/convex/tests/subject.ts";
import { useClock } from "../../packages/convex/tests/test-app.ts";
import { startBackend } from "./backend.ts";

async function open(options: RuntimePortSuiteOptions) {
  useClock(options);
  const backend = await startBackend();
  return subjectOver({
    ...backend,
    async close() {
      vi.restoreAllMocks();
      await backend.close();
    },
  });
}

runtimePortSuite("convex-test behind Convex's clients", open);
adminPortSuite("convex-test behind Convex's clients", open);
tenantIsolationSuite("convex-test behind Convex's clients", open);
