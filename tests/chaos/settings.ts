/** What the test tells the programs that it starts. */
import { join } from "node:path";
import type { Message } from "@lobstercontrol/core";
import { openJournal } from "./journal.ts";

/** The rules of the control plane, the same in every process that has the file open. */
export const rules = { maxAttempts: 5, backoff: { baseMs: 50, capMs: 500 }, watchMs: 20 };

/** Short, so that what a dead runtime held is soon somebody else's; long enough for a process that waits for a processor. */
export const leaseMs = 1_500;

/** What a runtime ends with when a newer one of its name has taken over, as `lobster-runtime` does. */
export const fencedExitCode = 69;

export const account = "acme";
export const agent = "writer";

/** Where a story is played: all of it is in one folder. */
export interface Settings {
  folder: string;
  /** The session keys that are notified, and how many notifications each gets. */
  threads: number;
  each: number;
  token: string;
  /** Where the gateway listens, and where its runtimes look for it. */
  gateway: { port: number; via: number; token: string };
  /** Where the HTTP binding is served, for `lobster-runtime`; null when the runtimes have the file open themselves. */
  controlPlanePort: number | null;
  /** What is said after the name of each notification; `*` stands for the name. */
  words: string;
  /** Of a runtime. */
  workerId: string;
  concurrency: number;
  /** Whether the runtime looks into the gateway's sessions. */
  control: boolean;
}

/** The variable that holds them. Not an argument: there is a token in them. */
export const settingsVariable = "CHAOS_SETTINGS";

/** What the session told of an attempt before. */
export interface ResolvedEntry {
  input: string;
  verdict: string;
}

/** A run that the mock gateway began. */
export interface RunEntry {
  run: string;
  input: string;
}

/** What a platform has to remember: what it was answered, and how far it has read. */
export type PlatformEntry = { notified: string } | { message: Message } | { cursor: string };

/** A `complete` that was answered. */
export interface CompleteEntry {
  notification: string;
  lease: string;
  message: "posted" | "duplicate" | "none";
}

/** What lies in the folder. */
export const inFolder = (folder: string) => ({
  database: join(folder, "lobster.db"),
  /** While it is there, runs of what is called poison fail. */
  poison: join(folder, "poison"),
  runs: openJournal<RunEntry>(join(folder, "runs.jsonl")),
  platform: openJournal<PlatformEntry>(join(folder, "platform.jsonl")),
  resolved: openJournal<ResolvedEntry>(join(folder, "resolved.jsonl")),
  completes: openJournal<CompleteEntry>(join(folder, "completes.jsonl")),
});

/** The input of a notification: its name, by thread and place in it, and what else it says. */
export const inputOf = (thread: string, index: number, words = ""): string =>
  `${thread} n${index}${words.replaceAll("*", `${thread} n${index}`)}`;
export const threadOf = (index: number): string => `t${index}`;
/** One in the middle of every tenth thread. */
export const isPoison = (input: string): boolean => /^t\d*0 n3$/.test(input);

/** Called first by each program: it must not outlive the test, whatever becomes of that. */
export function begin(): Settings {
  process.stdin.on("end", () => process.exit(0)).resume();
  return JSON.parse(process.env[settingsVariable] ?? "") as Settings;
}
