import {
  isUnresolved,
  sleep,
  type Attempt,
  type AttemptVerdict,
  type Claim,
  type Clock,
  type DeliveryOutcome,
  type Failure,
  type FailureReason,
  type SessionMark,
} from "@lobstercontrol/core";
import {
  GatewayUnavailableError,
  RunTimeoutError,
  type OpenClawClient,
} from "@lobstercontrol/openclaw-client";
import type { GatewayControl, RunVerdict } from "@lobstercontrol/openclaw-client/control";
import { startDeadline, type Deadline } from "./deadline.ts";
import { outcomeOfText, reasonOf } from "./outcome.ts";

/** How often a run that still goes on is asked about, in milliseconds. */
const activePollMs = 2_000;
/** How long a run that a crash interrupted may wait to be taken up again, in milliseconds: a gateway tries for some 75 s. */
const takeUpMs = 120_000;

/** What a look at the attempt before needs. */
export interface ResolveContext {
  client: Pick<OpenClawClient, "probe">;
  /** Null when the gateway's sessions cannot be looked at. */
  control: Pick<GatewayControl, "didRun"> | null;
  clock: Clock;
  /** Whether an attempt that may have done something is repeated, or the notification dead. */
  onAborted: "repeat" | "dead";
  runTimeoutMs: number;
  /** Leaves the look to somebody else. */
  signal: AbortSignal;
  draining: () => boolean;
  onVerdict: (verdict: RunVerdict["verdict"]) => void;
}

/** What follows from the attempt before. */
export type Resolution =
  | { next: "begin"; verdictBefore: AttemptVerdict | null }
  | { next: "complete"; outcome: DeliveryOutcome }
  | { next: "fail"; failure: Failure }
  | { next: "release" };

/**
 * Finds out what became of an attempt that nobody saw end, before anything else is sent on its session key (promise 5):
 * the next turn would wipe out its traces.
 */
export async function resolvePrevious(claim: Claim, context: ResolveContext): Promise<Resolution> {
  const { control } = context;
  const { previous } = claim;
  if (!isUnresolved(previous)) {
    const isOpen = previous?.outcome === null || previous?.outcome === "maybeRan";
    return { next: "begin", verdictBefore: isOpen ? "unknown" : null };
  }
  return control === null
    ? follow(claim, { verdict: "unknown" }, context)
    : await lookUntilEnded(claim, previous, control, context);
}

async function lookUntilEnded(
  claim: Claim,
  previous: MarkedAttempt,
  control: Pick<GatewayControl, "didRun">,
  context: ResolveContext,
): Promise<Resolution> {
  const { client, clock, runTimeoutMs, signal } = context;
  const runTimeout = startDeadline(clock, runTimeoutMs, signal);
  let takeUp: Deadline | null = null;
  try {
    for (;;) {
      const found = await look(previous, control, client, signal);
      if (found === null) return { next: "release" };
      if ("problem" in found) return { next: "fail", failure: postponed(found.problem) };
      context.onVerdict(found.verdict);
      if (found.verdict !== "active") return follow(claim, found, context);
      if (found.isInterrupted === true)
        takeUp ??= startDeadline(clock, Math.min(takeUpMs, runTimeoutMs), signal);
      else {
        takeUp?.cancel();
        takeUp = null;
      }
      // Nobody will ever take it up: waiting for that would block its session key for good.
      if (takeUp?.isOver() === true) return follow(claim, { verdict: "unknown" }, context);
      if (runTimeout.isOver())
        return { next: "fail", failure: postponed(new RunTimeoutError({ timeoutMs: runTimeoutMs })) };
      await sleep(clock, activePollMs, signal);
      if (signal.aborted || context.draining()) return { next: "release" };
    }
  } finally {
    runTimeout.cancel();
    takeUp?.cancel();
  }
}

type MarkedAttempt = Attempt & { sessionMark: SessionMark };

/** A gateway that is not ready has not yet taken up what a crash interrupted: what it says would be wrong. */
async function look(
  { sessionKey, sessionMark }: MarkedAttempt,
  control: Pick<GatewayControl, "didRun">,
  client: Pick<OpenClawClient, "probe">,
  signal: AbortSignal,
): Promise<RunVerdict | { problem: unknown } | null> {
  try {
    const { ready } = await client.probe();
    if (signal.aborted) return null;
    return ready === true
      ? await control.didRun({ sessionKey, mark: sessionMark })
      : { problem: new GatewayUnavailableError({}) };
  } catch (problem) {
    return { problem };
  }
}

function follow(
  { attempt, maxAttempts }: Claim,
  { verdict, text, responseId }: RunVerdict,
  { onAborted }: ResolveContext,
): Resolution {
  if (verdict === "ran" && text !== undefined)
    return { next: "complete", outcome: outcomeOfText(text, responseId ?? null) };
  // A reply that the gateway does not hand out is as good as none.
  const verdictBefore = verdict === "ran" || verdict === "active" ? "unknown" : verdict;
  const mayRepeat = verdictBefore === "notRun" || onAborted === "repeat";
  return attempt <= maxAttempts && mayRepeat
    ? { next: "begin", verdictBefore }
    : { next: "fail", failure: { ...ends[verdictBefore], retryable: false, countsAttempt: true } };
}

/** Nothing was sent under this lease, and nothing found out: it costs the notification nothing but time. */
function postponed(problem: unknown): Failure {
  return { outcome: "notSent", reason: reasonOf(problem), retryable: true, countsAttempt: false };
}

const ends: Record<AttemptVerdict, { outcome: Failure["outcome"]; reason: FailureReason }> = {
  notRun: {
    outcome: "notSent",
    reason: {
      code: "ERR_CONNECTION_CUT",
      message: "The connection was cut in the last attempt; the agent did not run.",
    },
  },
  aborted: {
    outcome: "ran",
    reason: {
      code: "ERR_RUN_ABORTED",
      message: "The run began and was stopped before its end; the agent may have acted.",
    },
  },
  failed: {
    outcome: "ran",
    reason: {
      code: "ERR_RUN_FAILED",
      message: "The run failed after the connection was cut; the gateway's log has the reason.",
    },
  },
  unknown: {
    outcome: "maybeRan",
    reason: {
      code: "ERR_CONNECTION_CUT",
      message: "The connection was cut, and the session does not tell what became of the run.",
    },
  },
};
