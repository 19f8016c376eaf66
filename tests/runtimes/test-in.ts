import { join } from "node:path";
import { createMockGateway, listenMockGateway } from "@lobstercontrol/openclaw-client/testing";
import { describe, expect, inject, it } from "vitest";
import { bundleTests, type BundleOptions } from "./bundle.ts";
import type { Report, TestReport } from "./report.ts";
import { writeSummary } from "./summary.ts";
import { testFiles } from "./test-files.ts";

/** A runtime, and how the tests come to run in it. */
export interface Runtime extends Omit<BundleOptions, "folder" | "gatewayUrl"> {
  version: string;
  /** What it calls itself; empty for one that does not. */
  userAgent: RegExp;
  /** Tests that fail there for what is no fault of the packages. */
  except?: readonly Exception[];
  /** Runs the tests of a bundle. */
  run: (entry: string) => Promise<Report>;
}

interface Exception {
  /** The file and how the names of its tests begin, such as `core/src/clock.test.ts > sleep > ends`. */
  tests: string;
  /** What they ask for that the runtime does not have. */
  why: string;
}

/** Of all tests; the others may be left out. */
const leastShare = 0.85;

/**
 * Runs every test of the web-standard packages in a runtime, and makes a test here of each.
 *
 * @param runtime null when this machine has none, which is a skip
 */
export async function testIn(name: string, runtime: Runtime | null): Promise<void> {
  if (runtime === null) console.log(`skipped: no ${name}`);
  const { userAgent, nodeGlobals, tests } = runtime === null ? nothing : await runAll(name, runtime);
  const ran = tests.filter(({ state }) => state !== "leftOut");

  describe.skipIf(runtime === null)("the web-standard packages", () => {
    it.each(ran.map((test) => [nameOf(test), test] as const))("%s", (_, test) => expectPassed(test));

    it("ran where they should", () => {
      expect(userAgent ?? "").toMatch(runtime?.userAgent ?? "");
      expect(nodeGlobals.length > 0).toBe(runtime?.node !== "none");
    });

    it("had each of their test files looked at", () => {
      const files = new Set(tests.map(({ file }) => file));
      expect([...files]).toEqual(testFiles().map((file) => file.name));
    });

    it("had no more left out than must be", () => {
      const unused = runtime?.except?.filter(({ why }) => !tests.some(({ detail }) => detail === why));
      expect(unused ?? []).toEqual([]);
      expect(ran.length / tests.length).toBeGreaterThanOrEqual(leastShare);
    });
  });
}

const nothing: Report = { userAgent: null, nodeGlobals: [], tests: [] };

async function runAll(name: string, runtime: Runtime): Promise<Report> {
  const { version, except = [], run } = runtime;
  const folder = join(inject("runtimes").folder, name);
  const gateway = createMockGateway({ reply: ({ input }) => (input === "hang" ? { hang: true } : {}) });
  const server = await listenMockGateway(gateway);
  try {
    const entry = await bundleTests({ ...runtime, folder, gatewayUrl: server.url });
    const startedAt = performance.now();
    const report = await run(entry);
    const seconds = (performance.now() - startedAt) / 1_000;
    const tests = report.tests.map((test) => leaveOut(test, except));
    writeSummary(folder, { runtime: name, version, seconds }, tests);
    return { ...report, tests };
  } finally {
    await server.close();
  }
}

function leaveOut(test: TestReport, except: readonly Exception[]): TestReport {
  const why = except.find(({ tests }) => nameOf(test).startsWith(tests))?.why;
  return test.state === "failed" && why !== undefined ? { ...test, state: "leftOut", detail: why } : test;
}

function nameOf({ file, name }: TestReport): string {
  return `${file} > ${name}`;
}

function expectPassed({ state, detail }: TestReport): void {
  // Its own stack tells more than one from here.
  if (state === "failed") throw Object.assign(new Error(detail.split("\n")[0]), { stack: detail });
}
