import type { AgentSlug, LeaseId, NotificationId, SessionKey, ThreadId } from "../ids.ts";
import type {
  Attempt,
  AttemptVerdict,
  DeliveryOutcome,
  Failure,
  SessionMark,
} from "../notification/types.ts";

/** What a runtime asks for. */
export interface ClaimRequest {
  /** Who asks. Two processes that run at the same time have two of these. */
  workerId: string;
  /**
   * Which start of that worker asks: a new random text at each start. The first claim of an incarnation that was not seen
   * before takes over the leases of its predecessors at once, and fences them.
   */
  incarnation: string;
  /** Names this claim: when its answer is lost, the same claim gets the same leases. A new random text for each new claim. */
  claimId: string;
  /** The most to hand out, at least 1. */
  limit: number;
  /** How long the leases last, in milliseconds; see `limits.leaseMs`. */
  leaseMs: number;
}

/** What every write of a runtime carries. */
export interface LeaseProof {
  /** The notification. */
  notification: NotificationId;
  /** The fencing token. */
  id: LeaseId;
}

/** One notification, handed out to be delivered. */
export interface Claim {
  /** The right to deliver it; renew it before `leaseMs` is over. */
  lease: LeaseProof;
  /** Who must be told. */
  agent: AgentSlug;
  /** Where the reply belongs. */
  thread: ThreadId;
  /** The session to send it on. */
  sessionKey: SessionKey;
  /** What the agent is told. */
  input: string;
  /** How to go about it, or null. */
  instructions: string | null;
  /** 1 for the first. */
  attempt: number;
  /**
   * With this many attempts it is dead. A claim with a higher `attempt` is for finding out what became of the last one, and
   * must not begin another.
   */
  maxAttempts: number;
  /** An earlier attempt ran, or may have. */
  repeated: boolean;
  /** The attempt before this one, if one began; its mark tells what the session looked like before it. */
  previous: Attempt | null;
}

/** What is stored of an attempt before it is sent. */
export interface AttemptStart {
  /** The session before the send; null when nobody took a mark. */
  sessionMark: SessionMark | null;
  /** What was found out about `Claim.previous` (promise 5); null by default, for nothing. */
  verdictBefore?: AttemptVerdict | null;
}

/**
 * The deliveries of one account, as its runtime sees them. Every call throws `ERR_UNAUTHORIZED` when the service token is
 * not good (any more); every call with a lease throws `ERR_LEASE_LOST` when the notification has another one by now.
 */
export interface DeliveryPort {
  /**
   * Hands out notifications: the oldest of each session key that has none under way, the session key that has been ready
   * longest first (promises 2 and 4). Heartbeats that are due become notifications before.
   *
   * @throws `ERR_WORKER_FENCED` when a newer incarnation of the same worker has claimed
   */
  claim(request: ClaimRequest): Promise<Claim[]>;
  /** Stores that the attempt is about to be sent; resolves before anything is. The next attempt sees it as `previous`. */
  begin(lease: LeaseProof, attempt: AttemptStart): Promise<void>;
  /** Makes the lease last for `leaseMs` from now. */
  renew(lease: LeaseProof, leaseMs: number): Promise<void>;
  /**
   * Delivered: stores the reply and the end of the notification in one transaction. Repeatable: the same lease again is
   * answered `duplicate` and posts nothing (promise 3). Accepted after expiry unless somebody else has the lease. Without a
   * `begin` it hands in the reply of `Claim.previous`, and that only while the lease is good: the session may be at the next
   * notification afterwards.
   *
   * @throws `ERR_TOO_LARGE` when the reply is over `limits.replyBytes`
   */
  complete(
    lease: LeaseProof,
    outcome: DeliveryOutcome,
  ): Promise<{ message: "posted" | "duplicate" | "none" }>;
  /** Not delivered: waits for its next attempt, or is dead. Repeatable per lease. */
  fail(lease: LeaseProof, failure: Failure): Promise<{ next: "retry" | "dead"; inMs?: number }>;
  /** Hands the notification back untried; it costs no attempt. Repeatable per lease. */
  release(lease: LeaseProof): Promise<void>;
  /**
   * Calls `onWork` when there may be something to claim. A hint that may come late, twice or never: poll as well.
   *
   * @param onWork must not throw
   * @param signal ends it
   */
  watch?(onWork: () => void, signal: AbortSignal): void;
}
