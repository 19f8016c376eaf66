import { randomUUID } from "node:crypto";
import {
  fullJitter,
  LobsterError,
  type Clock,
  type DirectiveEnd,
  type Directives,
  type Logger,
  type RuntimePort,
  type RuntimeReport,
} from "@lobstercontrol/core";

/** Tells the control plane how the runtime is, on change and on a timer. */
export interface Reporter {
  /** Begins; calling it again does nothing. */
  start(): void;
  /** Something that is reported has changed: reports soon, together with what changes in the same moment. */
  changed(): void;
  /** The control plane may have something to say: reports soon, if it is not a moment ago that it was asked. */
  nudge(): void;
  /** A directive has ended: told with each report until one got through. */
  ended(end: DirectiveEnd): void;
  /** Reports once more, and never again after. Never rejects. */
  last(): Promise<void>;
  /** Reports no more. */
  stop(): void;
}

/** What {@link createReporter} needs. */
export interface ReporterOptions {
  port: Pick<RuntimePort, "report">;
  /** What there is to tell now. */
  describe: () => Omit<RuntimeReport, "id" | "sequence" | "nextInMs" | "ended">;
  /** The longest between two reports, in milliseconds. */
  reportMs: number;
  /** Told what the control plane wants. */
  onAnswer: (answer: Directives) => void;
  /** Told that this runtime may not go on: its token is not good any more, or a newer process has taken over. */
  onFatal: (error: LobsterError) => void;
  /** Told how each report went, for metrics. */
  onReport?: (result: "answered" | "failed") => void;
  clock: Clock;
  random: () => number;
  logger: Logger;
}

/** What changes together is told together. */
const debounceMs = 250;
const backoffBaseMs = 500;
/** As many as the control plane takes at once; the rest is told by the next report. */
const mostEnds = 100;

const fatal: ReadonlySet<string> = new Set(["ERR_UNAUTHORIZED", "ERR_WORKER_FENCED"]);

/** Makes the loop that reports. One report is under way at a time. */
export function createReporter(options: ReporterOptions): Reporter {
  const { port, describe, reportMs, onAnswer, onFatal, onReport = () => {}, clock, random, logger } = options;
  const ends = new Map<string, DirectiveEnd>();
  /** Sent, and nobody knows whether it arrived: told again under its own id while it is still true. */
  let unanswered: { report: RuntimeReport; at: number } | null = null;
  let sequence = 0;
  let tries = 0;
  let isDirty = false;
  let sending: Promise<void> | null = null;
  let answeredAt = 0;
  let timer: { at: number; cancel: () => void } | null = null;
  let state: "new" | "running" | "leaving" | "stopped" = "new";

  function schedule(inMs: number): void {
    if (state !== "running") return;
    const at = clock.now() + inMs;
    timer?.cancel();
    timer = { at, cancel: clock.after(inMs, () => void fire()) };
  }

  function soon(inMs: number): void {
    // While the control plane is away it is asked at the pace of the backoff, whatever changes here.
    if (sending !== null || tries > 0 || (timer !== null && timer.at <= clock.now() + inMs)) return;
    schedule(inMs);
  }

  function next(): RuntimeReport {
    const now = clock.now();
    if (unanswered !== null && !isDirty && now - unanswered.at < reportMs) return unanswered.report;
    sequence += 1;
    const report: RuntimeReport = {
      ...describe(),
      id: randomUUID(),
      sequence,
      nextInMs: reportMs,
      ended: Array.from(ends.values()).slice(0, mostEnds),
    };
    unanswered = { report, at: now };
    isDirty = false;
    return report;
  }

  async function send(): Promise<void> {
    const report = next();
    try {
      const answer = await port.report(report);
      for (const { id } of report.ended) ends.delete(id);
      unanswered = null;
      tries = 0;
      answeredAt = clock.now();
      onReport("answered");
      if (state === "running") onAnswer(answer);
    } catch (error) {
      tries += 1;
      onReport("failed");
      if (LobsterError.isInstance(error) && fatal.has(error.code)) {
        stop();
        return onFatal(error);
      }
      logger.warn({ tries, error }, "the control plane did not take a report");
    }
  }

  async function fire(): Promise<void> {
    sending ??= send().finally(() => (sending = null));
    await sending;
    const capMs = Math.min(reportMs, 15_000);
    if (tries > 0) schedule(fullJitter(tries, { baseMs: backoffBaseMs, capMs }, random));
    else schedule(isDirty || ends.size > 0 ? debounceMs : reportMs);
  }

  function stop(): void {
    state = "stopped";
    timer?.cancel();
  }

  return {
    start() {
      if (state !== "new") return;
      state = "running";
      void fire();
    },
    changed() {
      isDirty = true;
      soon(debounceMs);
    },
    nudge() {
      // At most this long, too: a clock that was set back would have it wait for hours.
      const apartMs = reportMs / 3;
      soon(Math.min(apartMs, Math.max(debounceMs, answeredAt + apartMs - clock.now())));
    },
    ended(end) {
      ends.set(end.id, end);
      isDirty = true;
      soon(debounceMs);
    },
    async last() {
      if (state !== "running") return;
      timer?.cancel();
      state = "leaving";
      await sending;
      // By then it may be too late.
      if (state !== "leaving") return;
      isDirty = true;
      await send();
    },
    stop,
  };
}
