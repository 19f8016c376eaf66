/** Who is measured, in what, and which figures come of it. */
import { eventsOf, replies, type ReplyName } from "./replies.ts";
import { median, percentile } from "./report.ts";
import type { Task, TaskResult } from "./worker.ts";

export interface Candidate {
  way: readonly [library: string, way: string];
  label: string;
  /** What comes back: the events of a stream, or one JSON answer. */
  wire: "events" | "JSON";
  /** Tells of deltas while they come. */
  deltas: boolean;
}

export const candidates: readonly Candidate[] = (
  [
    ["fetch", "stream", "bare `fetch`, naive split", "events", true],
    ["fetch", "stream-limited", "the same with a signal that a timer aborts", "events", true],
    ["naive", "stream", "ofetch + eventsource-parser", "events", true],
    ["ours", "create", "**openclaw-client**, `create`", "events", false],
    ["ours", "stream", "**openclaw-client**, `stream`", "events", true],
    ["openai", "create-stream", "openai-node, `create({ stream: true })`", "events", true],
    ["openai", "stream", "openai-node, `stream`", "events", true],
    ["ai-sdk", "streamText", "AI SDK, `streamText`", "events", true],
    ["fetch", "whole", "bare `fetch`, `json()`", "JSON", false],
    ["openai", "create", "openai-node, `create`", "JSON", false],
    ["ai-sdk", "generateText", "AI SDK, `generateText`", "JSON", false],
  ] as const
).map(([library, way, label, wire, deltas]) => ({ way: [library, way], label, wire, deltas }));

/** How much is measured. */
export interface Plan {
  rounds: number;
  /** Rounds before them that are thrown away. */
  warmUps: number;
  /** How long one candidate calls at a time, in milliseconds. */
  callsMs: number;
  /** Calls whose first delta is waited for, in each round. */
  firsts: number;
  /** Fresh processes for each candidate's memory. */
  memories: number;
  /** Fresh processes for each library's import. */
  imports: number;
}

export const fullPlan: Plan = { rounds: 7, warmUps: 1, callsMs: 250, firsts: 100, memories: 3, imports: 9 };
export const quickPlan: Plan = { rounds: 1, warmUps: 0, callsMs: 100, firsts: 20, memories: 1, imports: 1 };

/** What is done in a round. */
export interface Measurement {
  name: string;
  task: Task;
  applies(candidate: Candidate): boolean;
}

/** Whether its answer comes as events. */
export const streams = ({ wire }: Candidate): boolean => wire === "events";

export function measurementsOf({ callsMs, firsts }: Plan): Measurement[] {
  const calls = (concurrency: number): Measurement => ({
    name: `calls ${concurrency}`,
    task: { measure: "calls", concurrency, ms: callsMs },
    applies: () => true,
  });
  const stream = (reply: ReplyName): Measurement => ({
    name: reply,
    task: { measure: "streamMs", reply },
    applies: streams,
  });
  return [
    calls(1),
    calls(8),
    calls(64),
    { name: "first", task: { measure: "firstDelta", times: firsts }, applies: ({ deltas }) => deltas },
    stream("deltas"),
    stream("packed"),
    stream("large"),
  ];
}

/** A figure of a measurement. */
export interface Column {
  head: string;
  unit: string;
  measurement: string;
  digits: number;
  better: "more" | "less";
  of(result: TaskResult): number;
}

const deltaCount = replies.deltas.deltas.length;
const largeMb = eventsOf(replies.large).flat().join("").length / 1e6;
const nth = (values: readonly number[], at: number): number => values[at] ?? Number.NaN;

export const columns: readonly Column[] = [
  ...[1, 8, 64].map((concurrency): Column => ({
    head: concurrency === 1 ? "1 call at a time" : `${concurrency} at a time`,
    unit: "calls a second",
    measurement: `calls ${concurrency}`,
    digits: 0,
    better: "more",
    of: ({ values }) => nth(values, 0),
  })),
  {
    head: "first delta, p50",
    unit: "ms",
    measurement: "first",
    digits: 2,
    better: "less",
    of: ({ values }) => median(values),
  },
  {
    head: "first delta, p99",
    unit: "ms",
    measurement: "first",
    digits: 2,
    better: "less",
    of: ({ values }) => percentile(values, 0.99),
  },
  {
    head: "small deltas",
    unit: "thousands a second",
    measurement: "deltas",
    digits: 0,
    better: "more",
    of: ({ values }) => deltaCount / nth(values, 0),
  },
  {
    head: "small deltas, packed",
    unit: "thousands a second",
    measurement: "packed",
    digits: 0,
    better: "more",
    of: ({ values }) => deltaCount / nth(values, 0),
  },
  {
    head: "large events",
    unit: "MB a second",
    measurement: "large",
    digits: 0,
    better: "more",
    of: ({ values }) => (largeMb / nth(values, 0)) * 1000,
  },
  {
    head: "CPU a call",
    unit: "µs, 8 at a time",
    measurement: "calls 8",
    digits: 0,
    better: "less",
    of: ({ values, cpuMs }) => (cpuMs * 1000) / nth(values, 1),
  },
  {
    head: "CPU a small delta",
    unit: "µs",
    measurement: "deltas",
    digits: 1,
    better: "less",
    of: ({ cpuMs }) => (cpuMs * 1000) / deltaCount,
  },
];
