import {
  adminPortSuite,
  runtimePortSuite,
  tenantIsolationSuite,
  type RuntimePortSuiteOptions,
} from "@lobstercontrol/core/testing";
import { vi } from "vitest";
import { subjectOver } from "../../packages/convex/tests/subject.ts";
import { useClock } from "../../packages/convex/tests/test-app.ts";
import { givenBackend, startBackend } from "./backend.ts";

const given = givenBackend(process.env);
const name = given === null ? "convex-test behind Convex's clients" : "a deployment";

async function open(options: RuntimePortSuiteOptions) {
  if (given !== null) return { ...subjectOver(given), isShared: true };
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

runtimePortSuite(name, open);
adminPortSuite(name, open);
tenantIsolationSuite(name, open);
