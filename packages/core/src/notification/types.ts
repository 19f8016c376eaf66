import type {
  AccountId,
  AgentSlug,
  LeaseId,
  MessageId,
  NotificationId,
  SessionKey,
  ThreadId,
} from "../ids.ts";

/**
 * Where a notification stands.
 *
 * ```text
 *            claimed            completed
 *  pending ──────────▶ leased ────────────▶ delivered
 *     ▲                  │ │
 *     │ failed, released │ │ failed or expired, and no attempt is left
 *     │ expired          │ ▼
 *     └──────────────────┘ dead ── redriven ──▶ pending, at the end of its session key
 * ```
 */
export type NotificationState = "pending" | "leased" | "delivered" | "dead";

/** The right to deliver one notification until a time, proven by its id. */
export interface Lease {
  /** The fencing token: every write carries it. */
  id: LeaseId;
  /** Who holds it. */
  workerId: string;
  /** Which start of that worker holds it. */
  incarnation: string;
  /** The claim that handed it out; the same claim, repeated, hands out the same leases. */
  claimId: string;
  /** Milliseconds since the epoch, by the control plane's clock. */
  until: number;
}

/** What a session looked like before a send, as `openclaw-client/control` tells it. Opaque here. */
export type SessionMark = Readonly<Record<string, string | number | boolean | null>>;

/**
 * How far an attempt got.
 *
 * - `notSent`: the request certainly did not reach the gateway
 * - `refused`: the gateway answered that it would not run it
 * - `ran`: the agent ran, well or not
 * - `maybeRan`: the connection was cut, and nobody can tell
 */
export type AttemptOutcome = "notSent" | "refused" | "ran" | "maybeRan";

/**
 * What the session's history told of an attempt whose end nobody had seen. One that ended well is not here: its text is
 * posted, and there is no next attempt.
 *
 * - `notRun`: the model was not asked
 * - `aborted`: it began and was stopped; the agent may have acted
 * - `failed`: it ran, and failed
 * - `unknown`: the history does not tell
 */
export type AttemptVerdict = "notRun" | "aborted" | "failed" | "unknown";

/** One try to deliver a notification, from `begin` on. */
export interface Attempt {
  /** 1 for the first. */
  number: number;
  /** The lease under which it was made. */
  leaseId: LeaseId;
  /** The session that it was sent on. */
  sessionKey: SessionKey;
  /** The session before the send; null when nobody took a mark. */
  sessionMark: SessionMark | null;
  /** How far it got; null while it is under way, and when its runtime vanished. */
  outcome: AttemptOutcome | null;
  /** What was found out, before this attempt, about the one before it; null when there was nothing to find out. */
  verdictBefore: AttemptVerdict | null;
}

/** Why an attempt failed, safe to show to the account's admin (promise 12). */
export interface FailureReason {
  /** Stable, such as `ERR_GATEWAY_UNAUTHORIZED`. */
  code: string;
  /** One sentence. */
  message: string;
}

/** What a runtime reports of an attempt that did not deliver. */
export interface Failure {
  /** How far the attempt got. */
  outcome: AttemptOutcome;
  /** Why, scrubbed. */
  reason: FailureReason;
  /** Whether another try can help; if not, the notification is dead at once. */
  retryable: boolean;
  /**
   * Whether the try is the notification's own. False when the gateway could not take any request (down, starting, wrong
   * token): such a try costs the notification nothing, or an outage would turn every waiting notification dead.
   */
  countsAttempt: boolean;
  /** The gateway's wish, in milliseconds: no retry before that. */
  retryAfterMs?: number;
}

/** How a run ended well. Only `reply` and `truncated` post a message. */
export type DeliveryOutcome =
  | {
      /** The agent's whole answer, or what there is of it when it was cut by a limit. */
      kind: "reply" | "truncated";
      /** The answer. */
      text: string;
      /** The gateway's id of the run. */
      responseId: string | null;
    }
  | {
      /** The agent chose silence (`NO_REPLY`), had nothing to report (`HEARTBEAT_OK`), or said nothing at all. */
      kind: "noReply" | "heartbeatOk" | "empty";
      /** The gateway's id of the run. */
      responseId: string | null;
    };

/** Something an agent must be told, and how far that has come. Every control plane stores exactly this. */
export interface Notification {
  /** The control plane's id. */
  id: NotificationId;
  /** Whose it is. */
  account: AccountId;
  /** Who must be told. */
  agent: AgentSlug;
  /** Where the reply belongs. */
  thread: ThreadId;
  /** What the agent is told. */
  input: string;
  /** How to go about it: goes to the system prompt. Null for none. */
  instructions: string | null;
  /** The platform's name for the cause; one notification per key and account. */
  idempotencyKey: string;
  /** Where it stands. */
  state: NotificationState;
  /** Its place among the notifications of its session key; a redriven one gets a new place at the end (promise 4). */
  position: number;
  /** Tries so far that count. Above `maxAttempts`, they are looks into what became of the last one. */
  attempts: number;
  /** With this many tries it is dead. */
  maxAttempts: number;
  /** Tries in a row that the gateway could not take; they count for nothing but the length of the wait. */
  waits: number;
  /** Not handed out before this time: milliseconds since the epoch, by the control plane's clock. */
  notBefore: number;
  /** Who is delivering it; or, when it is not leased any more, whose lease ran out: that one may still complete. */
  lease: Lease | null;
  /** The last attempt that began. */
  attempt: Attempt | null;
  /** An earlier attempt ran, or may have: what the agent does now it may be doing again (promise 5). */
  repeated: boolean;
  /** The lease that ended last, so that a repeated call of its holder gets the same answer. */
  lastLeaseId: LeaseId | null;
  /** How it was delivered. */
  outcome: DeliveryOutcome["kind"] | null;
  /** Why the last attempt failed. */
  lastError: FailureReason | null;
  /** Milliseconds since the epoch. */
  createdAt: number;
  /** Milliseconds since the epoch, or null. */
  deliveredAt: number | null;
}

/** A notification without what the agent is told: all that its delivery looks at. The rest may be half a megabyte. */
export type NotificationRecord = Omit<Notification, "input" | "instructions">;

/** A reply that an agent gave. */
export interface Message {
  /** The control plane's id; the platform keys its own row by it and can then never post it twice. */
  id: MessageId;
  /** Whose it is. */
  account: AccountId;
  /** Who said it. */
  agent: AgentSlug;
  /** Where it belongs. */
  thread: ThreadId;
  /** What it answers. */
  notification: NotificationId;
  /** What the agent said. */
  text: string;
  /** It was cut by a limit of the model or of ours. */
  truncated: boolean;
  /** An earlier attempt ran, or may have: the agent may have acted twice, though only this was posted. */
  repeated: boolean;
  /** The gateway's id of the run. */
  responseId: string | null;
  /** Milliseconds since the epoch. */
  createdAt: number;
}

/** What may happen to a notification. */
export type NotificationEvent =
  | { type: "claimed"; lease: Lease }
  | {
      type: "begun";
      leaseId: LeaseId;
      sessionKey: SessionKey;
      sessionMark: SessionMark | null;
      verdictBefore: AttemptVerdict | null;
    }
  | { type: "renewed"; leaseId: LeaseId; until: number }
  | { type: "completed"; leaseId: LeaseId; outcome: DeliveryOutcome }
  | { type: "failed"; leaseId: LeaseId; failure: Failure; backoffMs: number }
  | { type: "released"; leaseId: LeaseId }
  | { type: "expired" }
  | { type: "redriven"; position: number };
