/**
 * The words of the ports as JSON. What a caller sends is taken strictly; of an answer, only what is named here is sent, and
 * what a newer control plane adds is left out.
 */
import { z } from "zod";
import { accountId, agentSlug, leaseId, notificationId, threadId, type SessionKey } from "../ids.ts";
import type {
  Attempt,
  AttemptOutcome,
  AttemptVerdict,
  DeliveryOutcome,
  Lease,
  Message,
  Notification,
  NotificationState,
  SessionMark,
} from "../notification/types.ts";
import type { Condition, ConditionType, ReportedCondition, RuntimeStatus } from "../ports/health.ts";
import { Secret } from "../secret.ts";

/** One of these words; the compiler sees to it that none is forgotten. */
export const oneOf = <Word extends string>(words: Record<Word, true>) => z.enum(Object.keys(words) as Word[]);

/** A name that a caller gives to something: not endless, and fit for a log line. */
export const label = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[^\p{Cc}\p{Cs}]+$/u, "must have no control characters");

/** A whole number of milliseconds, rows or tries, from 0. */
export const count = z.int().min(0);

/** A secret travels as itself, and is a {@link Secret} at both ends. */
export const secret = z.codec(z.string().min(1), z.custom<Secret>(isSecret, "must be a Secret"), {
  decode: (text) => new Secret(text),
  encode: (value) => value.reveal(),
});

function isSecret(value: unknown): boolean {
  // Not by its class: there may be two copies of this package.
  return typeof value === "object" && value !== null && "reveal" in value;
}

/** What a call takes that takes nothing. */
export const noRequest = z.strictObject({});
/** What a call answers that answers nothing. */
export const noAnswer = z.codec(
  z.null(),
  z.custom<void>(() => true),
  { decode: () => undefined, encode: () => null },
);

export const sessionKey = z.custom<SessionKey>(
  (value) => typeof value === "string" && value.startsWith("agent:"),
);
const messageId = z.templateLiteral(["msg_", z.uuid()]).brand<"MessageId">();

export const notificationState = oneOf<NotificationState>({
  pending: true,
  leased: true,
  delivered: true,
  dead: true,
});
export const attemptOutcome = oneOf<AttemptOutcome>({
  notSent: true,
  refused: true,
  ran: true,
  maybeRan: true,
});
export const attemptVerdict = oneOf<AttemptVerdict>({
  notRun: true,
  aborted: true,
  failed: true,
  unknown: true,
});
export const runtimeStatus = oneOf<RuntimeStatus>({
  provisioning: true,
  online: true,
  degraded: true,
  offline: true,
  error: true,
  destroying: true,
  destroyed: true,
});

export const sessionMark: z.ZodType<SessionMark> = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean(), z.null()]),
);

export const failureReason = z.object({ code: z.string(), message: z.string() });

const lease: z.ZodType<Lease> = z.object({
  id: leaseId,
  workerId: z.string(),
  incarnation: z.string(),
  claimId: z.string(),
  until: z.number(),
});

export const attempt: z.ZodType<Attempt> = z.object({
  number: count,
  leaseId,
  sessionKey,
  sessionMark: sessionMark.nullable(),
  outcome: attemptOutcome.nullable(),
  verdictBefore: attemptVerdict.nullable(),
});

const outcomeKind = oneOf<DeliveryOutcome["kind"]>({
  reply: true,
  truncated: true,
  noReply: true,
  heartbeatOk: true,
  empty: true,
});

export const notification: z.ZodType<Notification> = z.object({
  id: notificationId,
  account: accountId,
  agent: agentSlug,
  thread: threadId,
  input: z.string(),
  instructions: z.string().nullable(),
  idempotencyKey: z.string(),
  state: notificationState,
  position: z.number(),
  attempts: z.number(),
  maxAttempts: z.number(),
  waits: z.number(),
  notBefore: z.number(),
  lease: lease.nullable(),
  attempt: attempt.nullable(),
  repeated: z.boolean(),
  lastLeaseId: leaseId.nullable(),
  outcome: outcomeKind.nullable(),
  lastError: failureReason.nullable(),
  createdAt: z.number(),
  deliveredAt: z.number().nullable(),
});

export const message: z.ZodType<Message> = z.object({
  id: messageId,
  account: accountId,
  agent: agentSlug,
  thread: threadId,
  notification: notificationId,
  text: z.string(),
  truncated: z.boolean(),
  repeated: z.boolean(),
  responseId: z.string().nullable(),
  createdAt: z.number(),
});

const conditionType = oneOf<ConditionType>({
  GatewayReachable: true,
  GatewayAuthorized: true,
  ResponsesEnabled: true,
  ProviderAuthorized: true,
  DeliveryHealthy: true,
  KeysActive: true,
  AgentsSynced: true,
  ControlPlaneReachable: true,
  Claiming: true,
  Upgraded: true,
  Heard: true,
  Provisioned: true,
});
const conditionFields = {
  type: conditionType,
  status: z.enum(["true", "false", "unknown"]),
  reason: z.string(),
  message: z.string(),
  evidence: z.string().exactOptional(),
  runbook: z.string(),
};

export const condition: z.ZodType<Condition> = z.object({ ...conditionFields, since: z.number() });

const text = (most: number) => z.string().max(most);
export const reportedCondition: z.ZodType<ReportedCondition> = z.strictObject({
  ...conditionFields,
  reason: text(64),
  message: text(1_000),
  evidence: text(1_000).exactOptional(),
  runbook: text(512),
  forMs: count,
});

/** Some rows of a list. */
export const pageOf = <Item>(item: z.ZodType<Item>) =>
  z.object({ items: z.array(item), next: z.string().nullable() });
