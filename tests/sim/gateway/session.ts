/** A row of a session's history. */
interface Row {
  role: "user" | "assistant";
  content: unknown;
  stopReason?: "stop" | "length" | "error";
  provenance?: { kind: string };
  runId?: string;
  rawSeq: number;
  /** The gateway has put a remark in its place, because it was too large. */
  isTruncated?: boolean;
  /** The request of a run that was cut: the next turn takes it out of the history. */
  isCut?: boolean;
}

/** One run of an agent. */
export interface Run {
  id: string;
  /** What it was sent for: the input. */
  input: string;
  session: Session;
  /**
   * - `arrived`: shows in nothing yet
   * - `traced`: the session has its id
   * - `asked`: the request is in the history, and the model was asked
   * - `ended`
   */
  phase: "arrived" | "traced" | "asked" | "ended";
  ending: Ending;
  /** What the model was told: the input, after the texts of runs that were cut before. */
  prompt: string[];
  /** How it ended; null while it has not. */
  end: "reply" | "error" | "cut" | "crash" | null;
  /** The run that the gateway takes up again after a crash with this one; null for one that was sent. */
  resumes: Run | null;
  /** Whether its sender had the right to it, when it was sent. */
  right: Right;
  /** The position of the session's last row when it arrived. */
  sentAfter: number;
  /** Tells the client; does nothing once that has gone. */
  answer: (answer: Answer) => void;
}

/** Whether the process that sends a run has the right to it; and why not, if it cannot know that yet. */
export type Right = "holds the lease" | "its lease ran out" | "a newer start took over" | "a clock was set";

/** What a run comes to if nothing happens to it. */
export interface Ending {
  kind: "reply" | "noReply" | "heartbeatOk" | "empty" | "truncated" | "withheld" | "failed";
  /** How long the model takes, in milliseconds. */
  tookMs: number;
}

/** What a client is told of a run. */
export type Answer =
  | { type: "ended"; run: Run; text: string }
  | { type: "failed"; run: Run }
  | { type: "unavailable" | "unreachable" | "refused" | "cut" };

/** A conversation. */
export interface Session {
  key: string;
  /** Null until its first run has left a trace. */
  id: string | null;
  rows: Row[];
  /** All its runs, in the order in which they arrived. */
  runs: Run[];
  lastSeq: number;
  status: "running" | "done" | "failed" | "killed" | null;
  abortedLastRun: boolean;
  lastRunId: string | null;
  startedAt: number | null;
  active: Run | null;
  waiting: Run[];
  /** What the model was last told and did not answer, because its run was cut. */
  cutTexts: string[];
  /** A crash stopped it in the middle, and the gateway will take it up again. */
  interrupted: Run | null;
}

export function createSession(key: string): Session {
  return {
    key,
    id: null,
    rows: [],
    runs: [],
    lastSeq: 0,
    status: null,
    abortedLastRun: false,
    lastRunId: null,
    startedAt: null,
    active: null,
    waiting: [],
    cutTexts: [],
    interrupted: null,
  };
}

/** The runs of a session that have not come to an end, and those that will be taken up again. */
export function openRuns({ active, waiting, interrupted }: Session): Run[] {
  return [active, interrupted, ...waiting].filter((run) => run !== null);
}

/** Words that the gateway puts where a run failed: no reply. */
export const failureText = "LLM request failed: the provider answered 500.";

/** What the model answers to a prompt: one can see in it what it was told. */
export const replyTo = (prompt: readonly string[]): string => `re: ${[...new Set(prompt)].join(" + ")}`;

const words: Partial<Record<Ending["kind"], string>> = {
  noReply: "NO_REPLY",
  heartbeatOk: "HEARTBEAT_OK",
  empty: "No response from OpenClaw.",
};

/** What a run says in the end. */
export const textOf = ({ ending, prompt }: Run): string => words[ending.kind] ?? replyTo(prompt);

/** What `chat.history` answers. */
export function historyOf(session: Session, limit: number): unknown {
  return {
    messages: session.rows
      .slice(-limit)
      .map(({ role, content, stopReason, provenance, runId, rawSeq, isTruncated }) => ({
        role,
        content,
        ...(stopReason === undefined ? {} : { stopReason }),
        ...(provenance === undefined ? {} : { provenance }),
        __openclaw: {
          transcriptPosition: { source: `${session.id}`, rawSeq },
          ...(runId === undefined ? {} : { runId }),
          ...(isTruncated === true ? { truncated: true } : {}),
        },
      })),
    pendingInputs: { total: session.waiting.length },
    sessionInfo: { hasActiveRun: session.active !== null && session.active.phase !== "arrived" },
  };
}

/** What `sessions.describe` answers. */
export function descriptionOf(session: Session): unknown {
  const { id, status, abortedLastRun, lastRunId, startedAt } = session;
  if (id === null) return { session: null };
  return {
    session: {
      sessionId: id,
      abortedLastRun,
      ...(status === null ? {} : { status }),
      ...(lastRunId === null ? {} : { lastRunId }),
      ...(startedAt === null ? {} : { startedAt }),
    },
  };
}
