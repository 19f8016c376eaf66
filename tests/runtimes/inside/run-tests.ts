/**
 * Runs test files with vitest's own runner, `expect` and `vi`, as vitest does in a browser: without the processes around
 * it, which need Node. It is bundled, and runs inside the runtime that is tested.
 *
 * `startTests` is no public interface: a new vitest may want to be configured otherwise, and then every runtime fails at
 * once.
 */
import { expect, type RunnerTask, type SerializedConfig } from "vitest";
import { setSafeTimers, startTests } from "vitest/internal/browser";
import type { Report, TestReport } from "../report.ts";
import { OfNodeError, touches } from "./of-node.ts";

/** Test files by their names. Each is loaded when its turn comes. */
export type TestFiles = Readonly<Record<string, () => Promise<unknown>>>;

const config = {
  root: "/",
  setupFiles: [],
  sequence: { hooks: "stack", setupFiles: "list", shuffle: false, concurrent: false },
  tags: [],
  maxConcurrency: 1,
  testTimeout: 30_000,
  hookTimeout: 30_000,
  retry: 0,
  fakeTimers: { loopLimit: 10_000, shouldClearNativeTimers: true },
  snapshotOptions: { expand: false },
  expect: {},
} as unknown as SerializedConfig;

export async function runTests(files: TestFiles): Promise<Report> {
  Object.assign(globalThis, {
    __vitest_worker__: { config, ctx: {}, evaluatedModules: { idToModuleMap: new Map() } },
  });
  // The runner's own timers, whatever a test does to the global ones.
  setSafeTimers();
  const tests: TestReport[] = [];
  for (const [name, load] of Object.entries(files)) tests.push(...(await runFile(name, load)));
  return {
    userAgent: globalThis.navigator?.userAgent ?? null,
    nodeGlobals: ["Buffer", "global", "require", "setImmediate"].filter((global) => global in globalThis),
    tests,
  };
}

async function runFile(name: string, load: () => Promise<unknown>): Promise<TestReport[]> {
  const touchedBy = new Map<string, string>();
  const noteTouch = (id: string): void => {
    const touched = touches.take();
    if (touched !== null) touchedBy.set(id, touched);
  };
  const [file] = await startTests([name], {
    config,
    importFile: load,
    onCollected: touches.begin,
    onBeforeRunTask: () => noteTouch("hooks"),
    onBeforeTryTask: () =>
      expect.setState({ assertionCalls: 0, isExpectingAssertions: false, expectedAssertionsNumber: null }),
    onAfterTryTask: checkAssertionCount,
    onAfterRunTask: ({ id }) => noteTouch(id),
    extendTaskContext: (context) => Object.assign(context, { expect }),
  });
  noteTouch("hooks");
  touches.end();
  if (file === undefined) throw new Error(`vitest did not run ${name}`);

  const reports = testsIn(file).map((test): TestReport => {
    const state = test.result?.state;
    const didRun = state === "pass" || state === "fail";
    const touched = touchedBy.get(test.id) ?? (didRun ? undefined : touchedBy.get("hooks"));
    const about = { file: name, name: test.fullTestName };
    if (touched !== undefined) return { ...about, state: "leftOut", detail: touched };
    // If that is for a hook that failed, the failure is reported by itself.
    if (!didRun) return { ...about, state: "leftOut", detail: "more than there was, and skipped themselves" };
    if (state === "fail") return { ...about, state: "failed", detail: errorsOf(test) };
    return { ...about, state: "passed", detail: "" };
  });
  return [...reports, ...failuresOutsideTests(name, file)];
}

/** `expect.assertions` and `expect.hasAssertions` are the runner's to check. */
function checkAssertionCount(): void {
  const { assertionCalls, expectedAssertionsNumber: wanted, isExpectingAssertions } = expect.getState();
  if (wanted !== null && wanted !== undefined && assertionCalls !== wanted)
    throw new Error(`expected ${wanted} assertions, but there were ${assertionCalls}`);
  if (isExpectingAssertions === true && assertionCalls === 0) throw new Error("there was no assertion");
}

function testsIn(task: RunnerTask): Extract<RunnerTask, { type: "test" }>[] {
  return task.type === "test" ? [task] : task.tasks.flatMap(testsIn);
}

/** A file that does not load, or hooks that throw. */
function failuresOutsideTests(name: string, task: RunnerTask): TestReport[] {
  if (task.type === "test") return [];
  const errors = (task.result?.errors ?? []).filter((error) => error.name !== OfNodeError.name);
  const own =
    errors.length === 0
      ? []
      : [
          {
            file: name,
            name: `outside its tests: ${task.name}`,
            state: "failed" as const,
            detail: errors.map(shown).join("\n"),
          },
        ];
  return [...own, ...task.tasks.flatMap((inner) => failuresOutsideTests(name, inner))];
}

function errorsOf(task: RunnerTask): string {
  return (task.result?.errors ?? []).map(shown).join("\n");
}

function shown(error: { stack?: string; message: string; diff?: string }): string {
  return [error.stack ?? error.message, error.diff].filter(Boolean).join("\n");
}
