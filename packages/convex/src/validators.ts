/**
 * The words of the ports as Convex values: for the functions of an app that take or give them, and for its own tables.
 *
 * @packageDocumentation
 */
import type {
  AccountId,
  AgentSlug,
  Attempt,
  Claim,
  DeliveryOutcome,
  Failure,
  Lease,
  LeaseId,
  Message,
  MessageId,
  Directives,
  Notification,
  NotificationId,
  RuntimeInfo,
  RuntimeReport,
  SessionKey,
  ThreadId,
} from "@lobstercontrol/core";
import { v, type Infer, type Validator, type Value, type VString } from "convex/values";

// A value that has been checked has its brand; Convex itself knows texts only, and the cast says no more than that.
/** A checked account id. */
export const account = v.string() as VString<AccountId>;
/** A checked slug. */
export const agent = v.string() as VString<AgentSlug>;
/** A checked thread id. */
export const thread = v.string() as VString<ThreadId>;
/** The id of a notification. */
export const notificationId = v.string() as VString<NotificationId>;
/** The id of a message. */
export const messageId = v.string() as VString<MessageId>;
/** The id of a lease. */
export const leaseId = v.string() as VString<LeaseId>;
/** The key of a conversation at the gateway. */
export const sessionKey = v.string() as VString<SessionKey>;

/** Where a notification stands. */
export const notificationState = v.union(
  v.literal("pending"),
  v.literal("leased"),
  v.literal("delivered"),
  v.literal("dead"),
);

/** How far an attempt got. */
export const attemptOutcome = v.union(
  v.literal("notSent"),
  v.literal("refused"),
  v.literal("ran"),
  v.literal("maybeRan"),
);

/** What a session's history told of an attempt. */
export const attemptVerdict = v.union(
  v.literal("notRun"),
  v.literal("aborted"),
  v.literal("failed"),
  v.literal("unknown"),
);

/** What a session looked like before a send. */
export const sessionMark = v.record(v.string(), v.union(v.string(), v.number(), v.boolean(), v.null()));

/** Why an attempt failed. */
export const failureReason = v.object({ code: v.string(), message: v.string() });

/** The right to deliver one notification until a time. */
export const lease = v.object({
  id: leaseId,
  workerId: v.string(),
  incarnation: v.string(),
  claimId: v.string(),
  until: v.number(),
});

/** What every write of a runtime carries. */
export const leaseProof = v.object({ notification: notificationId, id: leaseId });

/** One try to deliver a notification. */
export const attempt = v.object({
  number: v.number(),
  leaseId,
  sessionKey,
  sessionMark: v.union(v.null(), sessionMark),
  outcome: v.union(v.null(), attemptOutcome),
  verdictBefore: v.union(v.null(), attemptVerdict),
});

/** How a notification was delivered, in one word. */
export const outcomeKind = v.union(
  v.literal("reply"),
  v.literal("truncated"),
  v.literal("noReply"),
  v.literal("heartbeatOk"),
  v.literal("empty"),
);

/** How a run ended well. */
export const deliveryOutcome = v.union(
  v.object({
    kind: v.union(v.literal("reply"), v.literal("truncated")),
    text: v.string(),
    responseId: v.union(v.null(), v.string()),
  }),
  v.object({
    kind: v.union(v.literal("noReply"), v.literal("heartbeatOk"), v.literal("empty")),
    responseId: v.union(v.null(), v.string()),
  }),
);

/** What a runtime reports of an attempt that did not deliver. */
export const failure = v.object({
  outcome: attemptOutcome,
  reason: failureReason,
  retryable: v.boolean(),
  countsAttempt: v.boolean(),
  retryAfterMs: v.optional(v.number()),
});

/** What of a notification changes while it is delivered. */
export const progressFields = {
  state: notificationState,
  position: v.number(),
  attempts: v.number(),
  waits: v.number(),
  notBefore: v.number(),
  lease: v.union(v.null(), lease),
  attempt: v.union(v.null(), attempt),
  repeated: v.boolean(),
  lastLeaseId: v.union(v.null(), leaseId),
  outcome: v.union(v.null(), outcomeKind),
  lastError: v.union(v.null(), failureReason),
  deliveredAt: v.union(v.null(), v.number()),
};

/** What of a notification never changes, but for its content. */
export const causeFields = {
  id: notificationId,
  account,
  agent,
  thread,
  idempotencyKey: v.string(),
  maxAttempts: v.number(),
  createdAt: v.number(),
};

/** What the agent is told. */
export const contentFields = { input: v.string(), instructions: v.union(v.null(), v.string()) };

/** A notification. */
export const notification = v.object({ ...causeFields, ...contentFields, ...progressFields });

/** The fields of a message. */
export const messageFields = {
  id: messageId,
  account,
  agent,
  thread,
  notification: notificationId,
  text: v.string(),
  truncated: v.boolean(),
  repeated: v.boolean(),
  responseId: v.union(v.null(), v.string()),
  createdAt: v.number(),
};

/** A message. */
export const message = v.object(messageFields);

/** What a runtime asks for. */
export const claimRequest = v.object({
  workerId: v.string(),
  incarnation: v.string(),
  claimId: v.string(),
  limit: v.number(),
  leaseMs: v.number(),
});

/** One notification, handed out to be delivered. */
export const claim = v.object({
  lease: leaseProof,
  agent,
  thread,
  sessionKey,
  input: v.string(),
  instructions: v.union(v.null(), v.string()),
  attempt: v.number(),
  maxAttempts: v.number(),
  repeated: v.boolean(),
  previous: v.union(v.null(), attempt),
});

/** What is stored of an attempt before it is sent. */
export const attemptStart = v.object({
  sessionMark: v.union(v.null(), sessionMark),
  verdictBefore: v.optional(v.union(v.null(), attemptVerdict)),
});

/** The fields that ask for a page of a list. */
export const pageFields = { after: v.optional(v.string()), limit: v.optional(v.number()) };

/** One line of an account's audit log. */
export const activity = v.object({
  id: v.string(),
  type: v.string(),
  actor: v.string(),
  subject: v.union(v.null(), v.string()),
  at: v.number(),
});

/** A line that is to be added. */
export const newActivity = activity.omit("id");

/** A service token as an admin sees it. */
export const serviceToken = v.object({ id: v.string(), createdAt: v.number(), createdBy: v.string() });

/** A provider key as an admin sees it. */
export const providerKeyInfo = v.object({
  provider: v.string(),
  last4: v.string(),
  fingerprint: v.string(),
  generation: v.number(),
  state: v.union(v.literal("stored"), v.literal("active"), v.literal("confirmed")),
  updatedAt: v.number(),
  updatedBy: v.string(),
});

/** A sealed provider key. */
export const secretRecord = v.object({
  id: v.string(),
  account: v.string(),
  provider: v.string(),
  version: v.number(),
  envelope: v.string(),
  last4: v.string(),
  fingerprint: v.string(),
  updatedAt: v.number(),
  updatedBy: v.string(),
});

/** How far the provider keys of an account have come. */
export const keysGenerations = v.object({ stored: v.number(), active: v.number(), confirmed: v.number() });

/** An agent; its files are a list here, since the names of files are no names of fields. */
export const agentOfRoster = v.object({
  slug: agent,
  ref: v.union(v.null(), v.string()),
  heartbeatEveryMs: v.union(v.null(), v.number()),
  files: v.array(v.object({ name: v.string(), text: v.string() })),
  leaving: v.boolean(),
});

/** All agents of an account. */
export const agentRoster = v.object({ revision: v.number(), agents: v.array(agentOfRoster) });

const reportedConditionFields = {
  type: v.union(
    v.literal("GatewayReachable"),
    v.literal("GatewayAuthorized"),
    v.literal("ResponsesEnabled"),
    v.literal("ProviderAuthorized"),
    v.literal("DeliveryHealthy"),
    v.literal("KeysActive"),
    v.literal("AgentsSynced"),
    v.literal("ControlPlaneReachable"),
    v.literal("Claiming"),
    v.literal("Upgraded"),
    v.literal("Heard"),
    v.literal("Provisioned"),
  ),
  status: v.union(v.literal("true"), v.literal("false"), v.literal("unknown")),
  reason: v.string(),
  message: v.string(),
  evidence: v.optional(v.string()),
  runbook: v.string(),
};

/** One fact about health. */
export const condition = v.object({ ...reportedConditionFields, since: v.number() });

/** How a runtime is. */
export const runtimeStatus = v.union(
  v.literal("provisioning"),
  v.literal("online"),
  v.literal("degraded"),
  v.literal("offline"),
  v.literal("error"),
  v.literal("destroying"),
  v.literal("destroyed"),
);

/** A runtime as an admin sees it. */
export const runtimeInfo = v.object({
  status: runtimeStatus,
  conditions: v.array(condition),
  version: v.union(v.null(), v.string()),
  gatewayVersion: v.union(v.null(), v.string()),
  lastSeenAt: v.union(v.null(), v.number()),
});

/** What a runtime tells about its health. */
export const runtimeReport = v.object({
  id: v.string(),
  sequence: v.number(),
  workerId: v.string(),
  incarnation: v.string(),
  version: v.string(),
  gatewayVersion: v.union(v.null(), v.string()),
  status: v.union(v.literal("online"), v.literal("degraded"), v.literal("error"), v.literal("offline")),
  conditions: v.array(v.object({ ...reportedConditionFields, forMs: v.number() })),
  rosterRevision: v.number(),
  keysGeneration: v.number(),
  keysConfirmed: v.number(),
  nextInMs: v.number(),
  ended: v.array(v.object({ id: v.string(), ok: v.boolean(), message: v.string() })),
});

/** What a report is answered with. */
export const directives = v.object({
  directives: v.array(
    v.union(
      v.object({
        id: v.string(),
        kind: v.union(v.literal("restart"), v.literal("drain"), v.literal("resync")),
      }),
      v.object({ id: v.string(), kind: v.literal("upgrade"), target: v.string() }),
    ),
  ),
  rosterRevision: v.number(),
  keysGeneration: v.number(),
});

/** What an account's droplet is to be; core checks the rest. */
export const dropletSpec = v.object({
  region: v.string(),
  size: v.optional(v.union(v.null(), v.string())),
  image: v.optional(v.string()),
  fallbacks: v.optional(v.array(v.object({ region: v.optional(v.string()), size: v.optional(v.string()) }))),
  sshKeys: v.optional(v.array(v.union(v.number(), v.string()))),
  vpc: v.optional(v.union(v.null(), v.string())),
  ipv6: v.optional(v.boolean()),
  monitoring: v.optional(v.boolean()),
  backups: v.optional(v.boolean()),
  tags: v.optional(v.array(v.string())),
  adminCidrs: v.optional(v.array(v.string())),
});

/** A page of a list. */
export const pageOf = <Item extends Validator<Value, "required", string>>(item: Item) =>
  v.object({ items: v.array(item), next: v.union(v.null(), v.string()) });

/** Fails to compile when a validator and the type of core that it stands for part company. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
export type ValidatorsAreTrue = [
  Same<Infer<typeof notification>, Notification>,
  Same<Infer<typeof message>, Message>,
  Same<Infer<typeof lease>, Lease>,
  Same<Infer<typeof attempt>, Attempt>,
  Same<Infer<typeof claim>, Claim>,
  Same<Infer<typeof failure>, Failure>,
  Same<Infer<typeof deliveryOutcome>, DeliveryOutcome>,
  Same<Infer<typeof runtimeReport>, RuntimeReport>,
  Same<Infer<typeof runtimeInfo>, RuntimeInfo>,
  Same<Infer<typeof directives>, Directives>,
];
