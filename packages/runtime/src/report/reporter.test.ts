import {
  silentLogger,
  UnauthorizedError,
  WorkerFencedError,
  type Directives,
  type LobsterError,
  type RuntimeReport,
} from "@lobstercontrol/core";
import { ControlPlaneUnreachableError } from "@lobstercontrol/core/http";
import { createFakeClock } from "@lobstercontrol/core/testing";
import { describe, expect, it } from "vitest";
import { createReporter } from "./reporter.ts";

const answer: Directives = { directives: [], rosterRevision: 1, keysGeneration: 0 };
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

function open(reportMs = 15_000) {
  const clock = createFakeClock();
  const reports: RuntimeReport[] = [];
  const answers: Directives[] = [];
  const fatal: LobsterError[] = [];
  const plane = { status: "online" as RuntimeReport["status"], answer: async () => answer };
  const reporter = createReporter({
    port: {
      async report(report) {
        reports.push(report);
        return await plane.answer();
      },
    },
    describe: () => ({
      workerId: "w",
      incarnation: "i",
      version: "1",
      gatewayVersion: null,
      status: plane.status,
      conditions: [],
      rosterRevision: 0,
      keysGeneration: 0,
      keysConfirmed: 0,
    }),
    reportMs,
    onAnswer: (given) => answers.push(given),
    onFatal: (error) => fatal.push(error),
    clock,
    random: () => 0.999,
    logger: silentLogger,
  });
  return {
    reporter,
    plane,
    reports,
    answers,
    fatal,
    clock,
    async pass(ms: number) {
      clock.advance(ms);
      await settle();
    },
  };
}

const lose = async (): Promise<never> => {
  throw new ControlPlaneUnreachableError({ reason: "ECONNRESET" });
};

it("reports at once, then on a timer, each with the next number and its own id", async () => {
  const { reporter, reports, answers, pass } = open();
  reporter.start();
  reporter.start();
  await pass(0);
  for (let turn = 0; turn < 3; turn++) await pass(15_000);
  expect(reports.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4]);
  expect(new Set(reports.map(({ id }) => id)).size).toBe(4);
  expect(reports.every(({ nextInMs }) => nextInMs === 15_000)).toBe(true);
  expect(answers).toHaveLength(4);
});

it("reports soon after a change, and what changes together is told together", async () => {
  const { reporter, plane, reports, pass } = open();
  reporter.start();
  await pass(0);
  for (const status of ["degraded", "error", "degraded"] as const) {
    plane.status = status;
    reporter.changed();
  }
  await pass(249);
  expect(reports).toHaveLength(1);
  await pass(1);
  expect(reports.map(({ status }) => status)).toEqual(["online", "degraded"]);
});

it("reports a change that comes while a report is under way", async () => {
  const { reporter, plane, reports, pass } = open();
  let release = (): void => {};
  plane.answer = () => new Promise((resolve) => (release = () => resolve(answer)));
  reporter.start();
  plane.status = "error";
  reporter.changed();
  await pass(10_000);
  expect(reports).toHaveLength(1);
  release();
  await pass(0);
  await pass(250);
  expect(reports.map(({ status }) => status)).toEqual(["online", "error"]);
});

describe("when the answer is lost", () => {
  it("the same report goes out again under its id, and what ended is told until one got through", async () => {
    const { reporter, plane, reports, pass } = open();
    reporter.start();
    await pass(0);
    plane.answer = lose;
    reporter.ended({ id: "d1", ok: true, message: "" });
    await pass(250);
    await pass(500);
    plane.answer = async () => answer;
    await pass(1_000);
    expect(reports.map(({ sequence }) => sequence)).toEqual([1, 2, 2, 2]);
    expect(new Set(reports.slice(1).map(({ id }) => id)).size).toBe(1);
    expect(reports.at(-1)?.ended).toEqual([{ id: "d1", ok: true, message: "" }]);
    await pass(15_000);
    expect(reports.at(-1)).toMatchObject({ sequence: 3, ended: [] });
  });

  it("and something has changed, a new report tells the truth and what ended before", async () => {
    const { reporter, plane, reports, pass } = open();
    reporter.start();
    await pass(0);
    plane.answer = lose;
    reporter.ended({ id: "d1", ok: false, message: "no" });
    await pass(250);
    plane.status = "degraded";
    reporter.changed();
    plane.answer = async () => answer;
    await pass(500);
    expect(reports.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    expect(reports.at(-1)).toMatchObject({ status: "degraded", ended: [{ id: "d1" }] });
  });

  it("for long, what is told is never older than an interval", async () => {
    const { reporter, plane, reports, pass } = open();
    plane.answer = lose;
    reporter.start();
    await pass(0);
    for (let minute = 0; minute < 10; minute++) await pass(60_000);
    const before = reports.length;
    plane.answer = async () => answer;
    await pass(15_000);
    expect(reports.length).toBeGreaterThan(before);
    expect(reports.at(-1)?.sequence).toBeGreaterThan(5);
  });

  it("changes do not make it ask more often than the backoff", async () => {
    const { reporter, plane, reports, pass } = open();
    plane.answer = lose;
    reporter.start();
    await pass(0);
    for (let tick = 0; tick < 600; tick++) {
      reporter.changed();
      reporter.nudge();
      await pass(100);
    }
    expect(reports.length).toBeLessThan(12);
  });
});

it.each([new UnauthorizedError(), new WorkerFencedError({ workerId: "w" })])(
  "$code ends it, and nothing is reported after",
  async (error) => {
    const { reporter, plane, reports, fatal, pass } = open();
    plane.answer = () => Promise.reject(error);
    reporter.start();
    await pass(0);
    reporter.changed();
    await reporter.last();
    await pass(60_000);
    expect([reports.length, fatal]).toEqual([1, [error]]);
  },
);

it("a control plane that does not understand a report is told again and again: it may be mended", async () => {
  const { reporter, plane, reports, fatal, pass } = open();
  plane.answer = () => Promise.reject(new TypeError("a bug"));
  reporter.start();
  for (let turn = 0; turn < 5; turn++) await pass(15_000);
  expect(reports.length).toBeGreaterThan(3);
  expect(fatal).toEqual([]);
});

describe("a wake-up", () => {
  it("brings the next report forward, and a storm of them does not flood the control plane", async () => {
    const { reporter, reports, pass } = open();
    reporter.start();
    await pass(0);
    await pass(6_000);
    reporter.nudge();
    await pass(250);
    expect(reports).toHaveLength(2);
    for (let tick = 0; tick < 600; tick++) {
      reporter.nudge();
      await pass(100);
    }
    expect(reports.length).toBeLessThanOrEqual(2 + 60_000 / 5_000);
  });

  it("does not wait for hours because the clock was set back", async () => {
    const { reporter, reports, clock, pass } = open();
    reporter.start();
    await pass(0);
    clock.jump(-3_600_000);
    reporter.nudge();
    await pass(5_000);
    expect(reports).toHaveLength(2);
  });
});

it("promise 13: the last report is the last", async () => {
  const { reporter, plane, reports, answers, pass } = open();
  reporter.start();
  await pass(0);
  plane.status = "offline";
  reporter.changed();
  await reporter.last();
  expect(reports.at(-1)?.status).toBe("offline");
  reporter.changed();
  reporter.ended({ id: "d", ok: true, message: "" });
  await pass(60_000);
  expect([reports.length, answers.length]).toEqual([2, 1]);
});
