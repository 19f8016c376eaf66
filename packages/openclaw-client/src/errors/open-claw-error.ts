import { LobsterError, type AttemptOutcome, type LobsterErrorParameters } from "@lobstercontrol/core";

const marker = Symbol.for("lobstercontrol.openclaw-error");

/**
 * What stood in the way of a run.
 *
 * - `gateway`: no request of any kind would have been taken (down, starting, wrong token, endpoint off, rate limited).
 *   Waiting helps all requests alike, and the notification is not at fault.
 * - `request`: the gateway takes requests, but not this one
 * - `run`: the request was taken, or may have been
 */
export type Blame = "gateway" | "request" | "run";

/** What the gateway told about a failure; all of it is optional. */
export interface OpenClawErrorDetails {
  /** The HTTP status of the answer. */
  status?: number | null;
  /** The gateway's own error type or code. */
  gatewayType?: string | null;
  /** The gateway's wish, in milliseconds. */
  retryAfterMs?: number | null;
  /** What the answer's `x-request-id` says. */
  requestId?: string | null;
  /** The gateway's id of the run. */
  responseId?: string | null;
}

/**
 * The base of everything that {@link OpenClawClient} throws about a gateway. None of them holds the token, the input or
 * the session key, and none has a cause: what `fetch` throws may hold all three.
 *
 * @example
 * ```ts
 * import { OpenClawError } from "@lobstercontrol/openclaw-client";
 *
 * export function mayBeSentAgain(error: unknown): boolean {
 *   if (!OpenClawError.isInstance(error)) throw error;
 *   // `maybeRan`: ask the session's history first, or the agent may act twice.
 *   return error.retryable && error.outcome !== "maybeRan";
 * }
 * ```
 */
export abstract class OpenClawError extends LobsterError {
  /** How far the attempt got. */
  readonly outcome: AttemptOutcome;
  /** What stood in the way. */
  readonly blames: Blame;
  /** The HTTP status of the answer; null when there was none. */
  readonly status: number | null;
  /** The gateway's own error type or code, such as `insufficient_quota`; null when it told none. */
  readonly gatewayType: string | null;
  /** The gateway's wish, in milliseconds: no retry before that. Null when it has none. */
  readonly retryAfterMs: number | null;
  /** What the answer's `x-request-id` says, which proxies set; null when there is none. */
  readonly requestId: string | null;
  /** The gateway's id of the run; null when it is not known. */
  readonly responseId: string | null;

  /** @param parameters what happened, how far it got, and the way out */
  constructor(
    parameters: Omit<LobsterErrorParameters, "cause"> &
      OpenClawErrorDetails & { outcome: AttemptOutcome; blames: Blame },
  ) {
    super(parameters);
    this.outcome = parameters.outcome;
    this.blames = parameters.blames;
    this.status = parameters.status ?? null;
    this.gatewayType = parameters.gatewayType ?? null;
    this.retryAfterMs = parameters.retryAfterMs ?? null;
    this.requestId = parameters.requestId ?? null;
    this.responseId = parameters.responseId ?? null;
    Object.defineProperty(this, marker, { value: true });
  }

  /**
   * Whether `value` is an error of this class, whichever copy of the package made it. On `OpenClawError` itself: whether
   * it is any of them.
   *
   * @param value anything that was caught
   */
  static override isInstance<T extends LobsterError>(
    this: (abstract new (...parameters: never[]) => T) & { code?: string },
    value: unknown,
  ): value is T {
    return (
      typeof value === "object" && value !== null && marker in value && super.isInstance.call(this, value)
    );
  }
}
