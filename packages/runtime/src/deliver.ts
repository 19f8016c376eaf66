import {
  heartbeatThread,
  LeaseLostError,
  LobsterError,
  type Claim,
  type Clock,
  type DeliveryOutcome,
  type DeliveryPort,
  type Failure,
  type LeaseProof,
  type Logger,
} from "@lobstercontrol/core";
import { RunFailedError, type OpenClawClient, type Responses } from "@lobstercontrol/openclaw-client";
import type { GatewayControl } from "@lobstercontrol/openclaw-client/control";
import type { RuntimeEvent } from "./events.ts";
import { keepLease } from "./lease.ts";
import { failureOf, outcomeOf, reasonOf } from "./outcome.ts";
import { persist } from "./persist.ts";
import { resolvePrevious } from "./resolve.ts";

/** What a delivery needs. */
export interface DeliverContext {
  port: DeliveryPort;
  client: { responses: Pick<Responses, "create"> } & Pick<OpenClawClient, "probe">;
  control: Pick<GatewayControl, "sessionMark" | "didRun"> | null;
  onAborted: "repeat" | "dead";
  /** How often an agent that said nothing at all is asked again. */
  emptyRetries: number;
  clock: Clock;
  random: () => number;
  logger: Logger;
  leaseMs: number;
  runTimeoutMs: number;
  emit: (event: RuntimeEvent) => void;
  /** Whether the runtime drains: what is not sent yet is handed back. */
  draining: () => boolean;
}

/** A delivery under way. */
export interface Delivery {
  /** When to look for work again, in milliseconds; null when there is no reason to. Never rejects. */
  done: Promise<number | null>;
  /**
   * Goes on under another lease: the old one ran out while the control plane was away, and this very process was given the
   * notification again. Without this it would run twice at a time, and the run that is paid for would be thrown away.
   *
   * @returns false when it is too late, because the run was given up already
   */
  adopt(claim: Claim, askedAt: number): boolean;
  /**
   * Whether it has ended by another lease than the one that it holds, or by none: its failure was stored, or it learned that
   * it had lost its lease, and before the answer was here this process was given the notification again. That is a new attempt.
   */
  leavesLease(): boolean;
  /** Ends the run; the control plane is still told. */
  abortRun(): void;
  /** Ends everything, told or not. */
  giveUp(): void;
}

/**
 * Delivers one claimed notification: what became of the attempt before, `begin`, send, then `complete` or `fail`. Whatever happens, the notification is ended
 * at the control plane, or its lease runs out and somebody else gets it (promise 1).
 *
 * @param onOver called once when nothing is sent any more and the control plane is being told how it ended
 */
export function startDelivery(
  claim: Claim,
  askedAt: number,
  context: DeliverContext,
  onOver: () => void,
): Delivery {
  const { port, client, clock, random, logger, leaseMs, emit } = context;
  const run = new AbortController();
  const telling = new AbortController();
  /** The claim by which it goes on. */
  let held = claim;
  let lost: LeaseLostError | null = null;
  let goodUntil = askedAt + leaseMs;
  let isSent = false;
  let isOver = false;
  let endedBy: LeaseProof | null = null;

  /** Between any two steps: the lease may have gone to somebody else, and the grace period may be over. */
  function throwIfOver(): void {
    if (lost !== null) throw lost;
    if (telling.signal.aborted) throw new Error("given up");
  }

  /**
   * Tells the control plane how it ended, by the lease that is good now. What ended before it was sent is told by the lease
   * that it ended under: under a later one it is a new attempt.
   */
  async function tell<T>(call: (lease: LeaseProof) => Promise<T>): Promise<T> {
    for (;;) {
      throwIfOver();
      const used = held.lease;
      try {
        const told = persist(() => call(used), clock, random, telling.signal);
        if (!isOver) onOver();
        isOver = true;
        const answer = await told;
        endedBy = used;
        return answer;
      } catch (error) {
        if (!isSent || used === held.lease || !LeaseLostError.isInstance(error)) throw error;
        // The answer was lost, and it was stored all the same: under the later lease it would count as another attempt.
        if (held.previous?.leaseId === used.id && held.previous.outcome !== null) throw error;
      }
    }
  }

  async function fail(failure: Failure, gatewayType: string | null = null): Promise<number | null> {
    const { next, inMs } = await tell((lease) => port.fail(lease, failure));
    const { code } = failure.reason;
    logger.warn({ ...logged(claim), code, outcome: failure.outcome, next, inMs }, "attempt failed");
    emit({ type: "failed", claim, failure, gatewayType, next, ...(inMs === undefined ? {} : { inMs }) });
    return inMs ?? null;
  }

  async function complete(outcome: DeliveryOutcome, since: number): Promise<null> {
    const { message } = await tell((lease) => port.complete(lease, outcome));
    const tookMs = clock.now() - since;
    logger.info({ ...logged(claim), outcome: outcome.kind, message, tookMs }, "delivered");
    emit({ type: "delivered", claim, outcome, message, tookMs });
    return null;
  }

  async function release(): Promise<null> {
    await tell((lease) => port.release(lease));
    emit({ type: "released", claim });
    return null;
  }

  async function deliver(): Promise<number | null> {
    const startedAt = clock.now();
    if (context.draining()) return await release();
    const resolution = await resolvePrevious(claim, {
      ...context,
      signal: run.signal,
      onVerdict(verdict) {
        logger.info({ ...logged(claim), verdict }, "looked into the attempt before");
        emit({ type: "resolved", claim, verdict });
      },
    });
    throwIfOver();
    if (resolution.next === "release") return await release();
    if (resolution.next === "fail") return await fail(resolution.failure);
    if (resolution.next === "complete") return await complete(resolution.outcome, startedAt);

    let sessionMark;
    try {
      sessionMark = (await context.control?.sessionMark(claim.sessionKey)) ?? null;
    } catch (error) {
      throwIfOver();
      return await fail(notBegun(error));
    }
    throwIfOver();
    try {
      await port.begin(held.lease, { sessionMark, verdictBefore: resolution.verdictBefore });
    } catch (error) {
      if (LobsterError.isInstance(error) && !error.retryable) throw error;
      return await fail(notBegun(error));
    }
    // A process that was paused, or cut off, may have lost its lease without knowing: somebody else may have looked by now.
    if (clock.now() >= goodUntil) return await fail(notBegun(new LeaseLostError(held.lease)));
    isSent = true;
    emit({ type: "began", claim });
    const beganAt = clock.now();
    let outcome;
    try {
      const response = await client.responses.create({
        agent: claim.agent,
        sessionKey: claim.sessionKey,
        input: claim.input,
        ...(claim.instructions === null ? {} : { instructions: claim.instructions }),
        timeoutMs: context.runTimeoutMs,
        // The control plane decides when it is tried again, and remembers why.
        retries: 0,
        signal: run.signal,
      });
      outcome = outcomeOf(response);
    } catch (error) {
      throwIfOver();
      return await fail(failureOf(error), RunFailedError.isInstance(error) ? error.gatewayType : null);
    }
    if (isAskedAgain(outcome, held, context)) return await fail(saidNothing);
    return await complete(outcome, beganAt);
  }

  const stopRenewing = keepLease(
    port,
    clock,
    leaseMs,
    () => held.lease,
    (since) => (goodUntil = since + leaseMs),
    (error) => {
      lost = error;
      run.abort();
      telling.abort();
    },
  );
  const done = deliver()
    .catch((error: unknown) => {
      const code = LobsterError.isInstance(error) ? error.code : "ERR_UNEXPECTED";
      logger.warn(
        { ...logged(claim), code },
        "dropped: somebody else has the lease, or will when it runs out",
      );
      emit({ type: "dropped", claim, error });
      return null;
    })
    .finally(stopRenewing);

  return {
    done,
    adopt(next, since) {
      if (run.signal.aborted) return false;
      held = next;
      goodUntil = since + leaseMs;
      return true;
    },
    leavesLease: () => endedBy !== held.lease,
    abortRun: () => run.abort(),
    giveUp() {
      run.abort();
      telling.abort();
      stopRenewing();
    },
  };
}

/** An agent that has nothing to say has words for that; to say nothing at all is mostly a model's mishap. */
function isAskedAgain(
  { kind }: DeliveryOutcome,
  { attempt, maxAttempts, thread }: Claim,
  { emptyRetries }: DeliverContext,
): boolean {
  return kind === "empty" && thread !== heartbeatThread && attempt <= emptyRetries && attempt < maxAttempts;
}

const saidNothing: Failure = {
  outcome: "ran",
  reason: { code: "ERR_EMPTY_REPLY", message: "The agent ran and said nothing; it is asked again." },
  retryable: true,
  countsAttempt: true,
};

/** Without a mark, stored, nothing is sent; the notification is not at fault. */
function notBegun(error: unknown): Failure {
  return { outcome: "notSent", reason: reasonOf(error), retryable: true, countsAttempt: false };
}

/** What a log line says of a claim: ids, never what people wrote, nor the session key. */
function logged(claim: Claim): Record<string, unknown> {
  return { notification: claim.lease.notification, agent: claim.agent, attempt: claim.attempt };
}
