/** What one run of the tests in a runtime came to. It crosses a process boundary as JSON. */
export interface Report {
  /** What the runtime says of itself, by `navigator.userAgent`; null where it says nothing. */
  userAgent: string | null;
  /** What it has of Node's globals. */
  nodeGlobals: readonly string[];
  /** Every test of every file, in their order. */
  tests: readonly TestReport[];
}

/** One test. */
export interface TestReport {
  /** The test file, such as `core/src/clock.test.ts`. */
  file: string;
  /** The names of what it stands in and its own, joined by ` > `. */
  name: string;
  /** Left out is what asked for something that only Node has. */
  state: "passed" | "failed" | "leftOut";
  /** Why it failed, or what it asked for; empty for one that passed. */
  detail: string;
}

/** What the entry of a bundle exports. */
export interface Bundle {
  /** Runs all its tests. */
  run(): Promise<Report>;
}
