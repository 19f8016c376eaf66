import { OpenClawError, type OpenClawErrorDetails } from "./open-claw-error.ts";

/** The agent ran, and its run failed: most often the model provider refused or gave up. */
export class RunFailedError extends OpenClawError {
  /** The code of this error. */
  static readonly code = "ERR_RUN_FAILED";

  /** @param context what the gateway said, safe to show, and what it told besides */
  constructor(context: OpenClawErrorDetails & { problem: string | null }) {
    const { problem, ...details } = context;
    super({
      message: `The run failed${problem === null ? "." : `: ${problem}`}`,
      hint:
        hints[details.gatewayType ?? ""] ??
        "Try again; if it goes on, look for the provider's error in the gateway's log.",
      retryable: true,
      outcome: "ran",
      blames: "run",
      ...details,
    });
  }
}

/** By the codes that the gateway gives for what a provider answered. */
const hints: Readonly<Record<string, string>> = {
  authentication_error:
    "The model provider did not accept its key: set a good one, then wait a minute for the gateway to try it.",
  insufficient_quota: "The account at the model provider has no credit left: top it up.",
  rate_limit_error: "The model provider is being asked too often: wait, or raise its limits.",
};

/** The connection went before the run was known to have ended, so nobody can tell whether it did. */
export class ConnectionCutError extends OpenClawError {
  /** The code of this error. */
  static readonly code = "ERR_CONNECTION_CUT";

  /** @param context what was seen, safe to show, and what the gateway told besides */
  constructor(context: OpenClawErrorDetails & { reason: string }) {
    const { reason, ...details } = context;
    super({
      message: `The connection to the gateway ended before the run was known to have ended: ${reason}.`,
      hint: "The agent may have run. Ask the session's history before sending anything else on its session key.",
      retryable: true,
      outcome: "maybeRan",
      blames: "run",
      ...details,
    });
  }
}

/** `timeoutMs` passed before the run had ended, `connectTimeoutMs` before the gateway answered, or `idleTimeoutMs` without a byte. */
export class RunTimeoutError extends OpenClawError {
  /** The code of this error. */
  static readonly code = "ERR_RUN_TIMEOUT";
  /** Which time was up: `total` is `timeoutMs`, `connect` is `connectTimeoutMs`, `idle` is `idleTimeoutMs`. */
  readonly timeout: "total" | "connect" | "idle";

  /** @param context the time that passed, which one it was (the total by default), and what the gateway told */
  constructor(context: OpenClawErrorDetails & { timeoutMs: number; timeout?: "total" | "connect" | "idle" }) {
    const { timeoutMs, timeout = "total", ...details } = context;
    super({
      message: `${timeouts[timeout].what} ${timeoutMs} ms.`,
      hint: `Ask the session's history whether it went on. If ${timeouts[timeout].raise}.`,
      retryable: true,
      outcome: "maybeRan",
      blames: "run",
      ...details,
    });
    this.timeout = timeout;
  }
}

const timeouts = {
  total: { what: "The run had not ended after", raise: "runs take this long, raise timeoutMs" },
  connect: {
    what: "The gateway had not begun to answer after",
    raise: "it takes this long, as just after its start, raise connectTimeoutMs",
  },
  idle: { what: "The gateway sent nothing for", raise: "runs are silent for this long, raise idleTimeoutMs" },
};

/** The caller's signal ended the run. */
export class RunAbortedError extends OpenClawError {
  /** The code of this error. */
  static readonly code = "ERR_RUN_ABORTED";

  /** @param context `notSent` when the signal came before anything was sent, and what the gateway told */
  constructor(context: OpenClawErrorDetails & { outcome: "notSent" | "maybeRan" }) {
    super({
      message:
        context.outcome === "notSent"
          ? "The run was aborted before anything was sent."
          : "The run was aborted while it was under way.",
      hint:
        context.outcome === "notSent"
          ? "Send it again when there is time."
          : "Ask the session's history how far it came before sending anything else on its session key.",
      retryable: true,
      blames: "run",
      ...context,
    });
  }
}

/**
 * The answer outgrew what the client is willing to hold: 16 Mi characters in one event, 32 Mi in all deltas.
 *
 * Its outcome is `maybeRan`, not `ran`: the client hung up, and only the session's history tells whether the run ended
 * well regardless.
 */
export class ReplyTooLargeError extends OpenClawError {
  /** The code of this error. */
  static readonly code = "ERR_REPLY_TOO_LARGE";

  /** @param context which limit was passed, and what the gateway told */
  constructor(context: OpenClawErrorDetails & { what: "event" | "text"; limitCharacters: number }) {
    const { what, limitCharacters, ...details } = context;
    super({
      message: `The gateway sent ${what === "event" ? "an event" : "a text"} of more than ${limitCharacters} characters.`,
      hint: "Tell the agent to answer briefly, and to hand out a link to what is long.",
      // A repeat would most likely be as long, and as dear.
      retryable: false,
      outcome: "maybeRan",
      blames: "run",
      ...details,
    });
  }
}
