import { LobsterError } from "../error.ts";

/**
 * How far a request to DigitalOcean got.
 *
 * - `notSent`: it certainly did not reach DigitalOcean
 * - `refused`: DigitalOcean answered that it would not do it
 * - `unknown`: nobody can tell whether it was done; look before it is sent again
 */
export type DropletApiOutcome = "notSent" | "refused" | "unknown";

/** Why, in one word. */
export type DropletApiReason =
  | "unreachable"
  | "unauthorized"
  | "rateLimited"
  | "noCapacity"
  | "limitReached"
  | "invalid"
  | "conflict"
  | "unavailable"
  | "timeout"
  | "garbled";

/** What a {@link DropletApiError} is made of. */
export interface DropletApiFailure {
  /** How far the request got. */
  outcome: DropletApiOutcome;
  /** Why. */
  reason: DropletApiReason;
  /** One sentence, without the token and without user-data. */
  problem: string;
  /** Of the answer; null when there was none. */
  status?: number | null;
  /** DigitalOcean's id of the request, for its support; null when there was none. */
  requestId?: string | null;
  /** DigitalOcean's wish, in milliseconds: nothing before that. */
  retryAfterMs?: number | null;
  /** What was caught; it must hold no secret. */
  cause?: unknown;
}

/** A call to DigitalOcean did not go well. `outcome` tells whether it may have been done all the same. */
export class DropletApiError extends LobsterError {
  /** The code of this error. */
  static readonly code = "ERR_DROPLET_API";
  /** How far the request got. */
  readonly outcome: DropletApiOutcome;
  /** Why. */
  readonly reason: DropletApiReason;
  /** Of the answer; null when there was none. */
  readonly status: number | null;
  /** DigitalOcean's id of the request; null when there was none. */
  readonly requestId: string | null;
  /** DigitalOcean's wish, in milliseconds; null for none. */
  readonly retryAfterMs: number | null;

  /** @param failure what happened */
  constructor(failure: DropletApiFailure) {
    super({
      message: `DigitalOcean: ${failure.problem}`,
      hint: hints[failure.reason],
      retryable: retryable.has(failure.reason),
      ...(failure.cause === undefined ? {} : { cause: failure.cause }),
    });
    this.outcome = failure.outcome;
    this.reason = failure.reason;
    this.status = failure.status ?? null;
    this.requestId = failure.requestId ?? null;
    this.retryAfterMs = failure.retryAfterMs ?? null;
  }
}

const retryable: ReadonlySet<DropletApiReason> = new Set<DropletApiReason>([
  "unreachable",
  "rateLimited",
  "noCapacity",
  "conflict",
  "unavailable",
  "timeout",
  "garbled",
]);

const later = "Nothing to do: reconcile looks again by itself.";
const hints: Record<DropletApiReason, string> = {
  unreachable: later,
  unauthorized: "Check that the token is right and may write droplets, firewalls and tags.",
  rateLimited: later,
  noCapacity: "Name fallback regions or sizes in the spec, or wait.",
  limitReached: "Ask DigitalOcean for a higher droplet limit, or destroy droplets that nobody needs.",
  invalid: "Correct the spec, then retry.",
  conflict: later,
  unavailable: later,
  timeout: later,
  garbled: later,
};
