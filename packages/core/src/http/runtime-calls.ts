import { z } from "zod";
import { agentSlug, leaseId, notificationId, threadId } from "../ids.ts";
import { limits } from "../limits.ts";
import type { DeliveryOutcome, Failure } from "../notification/types.ts";
import type { AttemptStart, Claim, ClaimRequest, LeaseProof } from "../ports/delivery.ts";
import type {
  AgentRoster,
  Directive,
  Directives,
  ProviderKeySet,
  RuntimePort,
  RuntimeReport,
} from "../ports/runtime.ts";
import { bytesFor, defineCall } from "./call.ts";
import {
  attempt,
  attemptOutcome,
  attemptVerdict,
  count,
  failureReason,
  label,
  noAnswer,
  noRequest,
  reportedCondition,
  secret,
  sessionKey,
  sessionMark,
} from "./schemas.ts";

const lease: z.ZodType<LeaseProof> = z.strictObject({ notification: notificationId, id: leaseId });

const claimRequest: z.ZodType<ClaimRequest> = z.strictObject({
  workerId: label,
  incarnation: label,
  claimId: label,
  limit: z.int().min(1).max(limits.claim),
  leaseMs: z.int().min(1).max(limits.leaseMs),
});

const claim: z.ZodType<Claim> = z.object({
  lease: z.object({ notification: notificationId, id: leaseId }),
  agent: agentSlug,
  thread: threadId,
  sessionKey,
  input: z.string(),
  instructions: z.string().nullable(),
  attempt: count,
  maxAttempts: count,
  repeated: z.boolean(),
  previous: attempt.nullable(),
});

const attemptStart: z.ZodType<AttemptStart> = z.strictObject({
  sessionMark: sessionMark.nullable(),
  verdictBefore: attemptVerdict.nullable().exactOptional(),
});

const responseId = z.string().max(1_024).nullable();
const outcome: z.ZodType<DeliveryOutcome> = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.enum(["reply", "truncated"]), text: z.string(), responseId }),
  z.strictObject({ kind: z.enum(["noReply", "heartbeatOk", "empty"]), responseId }),
]);

const failure: z.ZodType<Failure> = z.strictObject({
  outcome: attemptOutcome,
  reason: failureReason.strict(),
  retryable: z.boolean(),
  countsAttempt: z.boolean(),
  retryAfterMs: count.exactOptional(),
});

const roster: z.ZodType<AgentRoster> = z.object({
  revision: z.number(),
  agents: z.array(
    z.object({
      slug: agentSlug,
      ref: z.string().nullable(),
      heartbeatEveryMs: z.number().nullable(),
      files: z.record(z.string(), z.string()),
      leaving: z.boolean(),
    }),
  ),
});

const providerKeySet: z.ZodType<ProviderKeySet> = z.object({
  generation: z.number(),
  keys: z.array(z.object({ provider: z.string(), key: secret })),
});

const report: z.ZodType<RuntimeReport> = z.strictObject({
  id: label,
  sequence: count,
  workerId: label,
  incarnation: label,
  version: label,
  gatewayVersion: label.nullable(),
  status: z.enum(["online", "degraded", "error", "offline"]),
  conditions: z.array(reportedCondition).max(50),
  rosterRevision: count,
  keysGeneration: count,
  keysConfirmed: count,
  nextInMs: z.int().min(1).max(limits.waitMs),
  ended: z.array(z.strictObject({ id: label, ok: z.boolean(), message: z.string().max(1_000) })).max(100),
});

const directive: z.ZodType<Directive> = z.discriminatedUnion("kind", [
  z.object({ id: z.string(), kind: z.enum(["restart", "drain", "resync"]) }),
  z.object({ id: z.string(), kind: z.literal("upgrade"), target: z.string() }),
]);

const directives: z.ZodType<Directives> = z.object({
  directives: z.array(directive),
  rosterRevision: count,
  keysGeneration: count,
});

/**
 * Every call of a runtime may be repeated, because its port is made for lost answers: `claim` goes by its claim id, what
 * ends a lease by the lease id, `report` by its id; `begin` stores and `renew` sets the same again; the rest only reads.
 */
export const runtimeCalls = {
  claim: defineCall("claim", {
    request: claimRequest,
    answer: z.array(claim),
    run: (port: RuntimePort, request) => port.claim(request),
    repeatable: true,
  }),
  begin: defineCall("begin", {
    request: z.strictObject({ lease, attempt: attemptStart }),
    answer: noAnswer,
    run: (port: RuntimePort, request) => port.begin(request.lease, request.attempt),
    repeatable: true,
  }),
  renew: defineCall("renew", {
    request: z.strictObject({ lease, leaseMs: z.int().min(1).max(limits.leaseMs) }),
    answer: noAnswer,
    run: (port: RuntimePort, request) => port.renew(request.lease, request.leaseMs),
    repeatable: true,
  }),
  complete: defineCall("complete", {
    request: z.strictObject({ lease, outcome }),
    answer: z.object({ message: z.enum(["posted", "duplicate", "none"]) }),
    run: (port: RuntimePort, request) => port.complete(request.lease, request.outcome),
    repeatable: true,
    maxBytes: bytesFor(limits.replyBytes),
  }),
  fail: defineCall("fail", {
    request: z.strictObject({ lease, failure }),
    answer: z.object({ next: z.enum(["retry", "dead"]), inMs: z.number().exactOptional() }),
    run: (port: RuntimePort, request) => port.fail(request.lease, request.failure),
    repeatable: true,
  }),
  release: defineCall("release", {
    request: z.strictObject({ lease }),
    answer: noAnswer,
    run: (port: RuntimePort, request) => port.release(request.lease),
    repeatable: true,
  }),
  agents: defineCall("agents", {
    request: noRequest,
    answer: roster,
    run: (port: RuntimePort) => port.agents(),
    repeatable: true,
  }),
  providerKeys: defineCall("providerKeys", {
    request: noRequest,
    answer: providerKeySet,
    run: (port: RuntimePort) => port.providerKeys(),
    repeatable: true,
  }),
  report: defineCall("report", {
    request: report,
    answer: directives,
    run: (port: RuntimePort, request) => port.report(request),
    repeatable: true,
  }),
} as const satisfies Record<Exclude<keyof RuntimePort, "watch">, unknown>;
