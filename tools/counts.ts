/**
 * What a test run came to, in the form in which every suite here ends: `N passed, N failed, N skipped`.
 *
 * As a program, `node tools/counts.ts FILE` prints the three numbers of a JSON report for a shell to read.
 */
import { existsSync, readFileSync } from "node:fs";

/** How many tests, or checks, ended in which way. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { status: string; assertionResults: { status: string }[] }[];
}

/** The line that a person, or a program, looks for at the end. */
export function closingLine(counts: Counts): string {
  return `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`;
}

/**
 * Reads the report of vitest's JSON reporter. A test file that failed outside its tests, by not loading for example,
 * counts as one failed.
 *
 * @param file the report; one that was never written counts as nothing at all
 */
export function readCounts(file: string): Counts {
  if (!existsSync(file)) return { passed: 0, failed: 0, skipped: 0 };
  const report = JSON.parse(readFileSync(file, "utf8")) as VitestReport;
  const broken = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === "failed" && !assertionResults.some((test) => test.status === "failed"),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

if (import.meta.main) {
  const { passed, failed, skipped } = readCounts(process.argv[2] ?? "");
  console.log(`${passed} ${failed} ${skipped}`);
}
