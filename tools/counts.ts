/**
 * What a test run came to, in the form in which every suite here ends: `N passed, N failed, N skipped`.
 *
 * As a program, `node tools/counts.ts FILE` prints the three numbers of a JSON report for a shell to read, and below
 * them a line for each test that failed.
 */
import { existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";

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
  testResults: VitestFile[];
}

interface VitestFile {
  name: string;
  status: string;
  message: string;
  assertionResults: { status: string; fullName: string; failureMessages: string[] }[];
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
  const report = readReport(file);
  if (report === undefined) return { passed: 0, failed: 0, skipped: 0 };
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.testResults.filter(isBroken).length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** The tests of a report that failed, a line each: the file, the test, and the first line of why. */
export function readFailures(file: string): string[] {
  return (readReport(file)?.testResults ?? []).flatMap((of) =>
    isBroken(of)
      ? [lineOf(of, "did not load", of.message)]
      : of.assertionResults
          .filter((test) => test.status === "failed")
          .map((test) => lineOf(of, test.fullName, test.failureMessages[0] ?? "")),
  );
}

function readReport(file: string): VitestReport | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as VitestReport) : undefined;
}

function isBroken({ status, assertionResults }: VitestFile): boolean {
  return status === "failed" && !assertionResults.some((test) => test.status === "failed");
}

function lineOf(of: VitestFile, test: string, why: string): string {
  return `${basename(of.name)} > ${test}: ${why.split("\n", 1)[0]}`;
}

if (import.meta.main) {
  const file = process.argv[2] ?? "";
  const { passed, failed, skipped } = readCounts(file);
  console.log([`${passed} ${failed} ${skipped}`, ...readFailures(file)].join("\n"));
}
