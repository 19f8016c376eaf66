import { LobsterError } from "./error.ts";
import { scrubText } from "./scrub.ts";

/** A value that was handed in is not usable. The field is named, the value is not repeated. */
export class InvalidInputError extends LobsterError {
  /** The code of this error. */
  static readonly code = "ERR_INVALID_INPUT";

  /** @param context the field, and what is wrong with it */
  constructor(context: { field: string; problem: string }) {
    super({
      message: `${context.field}: ${context.problem}.`,
      hint: "Correct the field and call again.",
      retryable: false,
    });
  }
}

/** A text is larger than its limit; see `limits`. */
export class TooLargeError extends LobsterError {
  /** The code of this error. */
  static readonly code = "ERR_TOO_LARGE";

  /** @param context the field, its size and its limit in bytes of UTF-8 */
  constructor(context: { field: string; bytes: number; limitBytes: number }) {
    super({
      message: `${context.field} is ${context.bytes} bytes of UTF-8; at most ${context.limitBytes} are accepted.`,
      hint: "Shorten it, or hand the agent a link to the rest.",
      retryable: false,
    });
  }
}

/** The token is unknown, revoked, or of a closed account; which of them is not said. */
export class UnauthorizedError extends LobsterError {
  /** The code of this error. */
  static readonly code = "ERR_UNAUTHORIZED";

  /** Takes nothing: the reason is deliberately not told. */
  constructor() {
    super({
      message: "The service token was not accepted.",
      hint: "Issue a new one with AdminPort.issueServiceToken and give it to the runtime.",
      retryable: false,
    });
  }
}

/** There is no such thing in this account. Another account's things look exactly the same from here. */
export class NotFoundError extends LobsterError {
  /** The code of this error. */
  static readonly code = "ERR_NOT_FOUND";

  /** @param context what was looked for, such as `agent` and its slug */
  constructor(context: {
    what: "account" | "agent" | "notification" | "service token" | "provider key";
    id: string;
  }) {
    // Somebody may have handed in the token itself for its id.
    const named = `${context.what} ${JSON.stringify(scrubText(context.id))}`;
    super({
      message: context.what === "account" ? `There is no open ${named}.` : `This account has no ${named}.`,
      hint:
        context.what === "account" || context.what === "agent"
          ? `Register it first with PlatformPort.${context.what === "account" ? "upsertAccount" : "upsertAgent"}.`
          : "List what there is with the admin port, and use an id from there.",
      retryable: false,
    });
  }
}

/** An idempotency key was used before, for something else. Taking it silently would lose this notification. */
export class IdempotencyConflictError extends LobsterError {
  /** The code of this error. */
  static readonly code = "ERR_IDEMPOTENCY_CONFLICT";

  /** Takes nothing: the key may hold what belongs to the platform's users. */
  constructor() {
    super({
      message: "This idempotency key already belongs to a notification with other content.",
      hint: "Derive the key from what caused the notification, so that another cause has another key.",
      retryable: false,
    });
  }
}

/** Two service tokens of the account are good already; a third would be one that nobody remembers. */
export class TooManyTokensError extends LobsterError {
  /** The code of this error. */
  static readonly code = "ERR_TOO_MANY_TOKENS";

  /** Takes nothing. */
  constructor() {
    super({
      message: "This account has two good service tokens already.",
      hint: "Revoke the one that no runtime uses any more with AdminPort.revokeServiceToken.",
      retryable: false,
    });
  }
}
