const marker = Symbol.for("lobstercontrol.error");

/** Where the docs site lives; every error code has a page below `/errors/`. */
export const docsUrl = "https://lobstercontrol.github.io/lobstercontrol";

/** What a {@link LobsterError} is made of. */
export interface LobsterErrorParameters {
  /** Stable, upper-case, begins with `ERR_`: that of the class, unless the error has no class of its own. */
  code?: string;
  /** One sentence: what happened. Never holds a secret, nor anything of another account. */
  message: string;
  /** One sentence: what to do about it. */
  hint: string;
  /** Whether the same call may succeed later without a change. */
  retryable: boolean;
  /** What was caught, if anything. */
  cause?: unknown;
}

/**
 * The base of every error that LobsterControl throws on purpose. Anything else that escapes is a bug of ours.
 *
 * Two copies of this package in one program agree on what is a `LobsterError`: `isInstance` goes by a registered symbol
 * and the code, not by the class.
 *
 * @example
 * ```ts
 * import { LeaseLostError, LobsterError } from "@lobstercontrol/core";
 *
 * export function explain(error: unknown): string {
 *   if (LeaseLostError.isInstance(error)) return "somebody else has it now";
 *   if (LobsterError.isInstance(error)) return `${error.code}: ${error.message} ${error.hint} See ${error.docs}`;
 *   throw error;
 * }
 * ```
 */
export class LobsterError extends Error {
  /** Stable name of this failure, such as `ERR_LEASE_LOST`. */
  readonly code: string;
  /** One sentence: what to do about it. */
  readonly hint: string;
  /** Whether the same call may succeed later without a change. */
  readonly retryable: boolean;
  /** The docs page of this code. */
  readonly docs: string;

  /** @param parameters what happened, and the way out */
  constructor(parameters: LobsterErrorParameters) {
    super(parameters.message, parameters.cause === undefined ? {} : { cause: parameters.cause });
    const { code = "ERR_UNEXPECTED" } =
      parameters.code === undefined ? (new.target as { code?: string }) : parameters;
    this.name = nameOf(code);
    this.code = code;
    this.hint = parameters.hint;
    this.retryable = parameters.retryable;
    this.docs = `${docsUrl}/errors/${code}`;
    Object.defineProperty(this, marker, { value: true });
  }

  /**
   * Whether `value` is an error of this class, whichever copy of the package made it.
   *
   * @param value anything that was caught
   */
  static isInstance<T extends LobsterError>(
    this: (abstract new (...parameters: never[]) => T) & { code?: string },
    value: unknown,
  ): value is T {
    if (typeof value !== "object" || value === null || !(marker in value)) return false;
    return this.code === undefined || ("code" in value && value.code === this.code);
  }

  /** The fields that may be shown to the account's admin; the cause and the stack stay behind. */
  toJSON(): { code: string; message: string; hint: string; retryable: boolean; docs: string } {
    const { code, message, hint, retryable, docs } = this;
    return { code, message, hint, retryable, docs };
  }
}

/** `ERR_LEASE_LOST` is `LeaseLostError`. The class itself may have another name by then: bundlers rename classes. */
function nameOf(code: string): string {
  const words = code.slice("ERR_".length).toLowerCase().split("_");
  return `${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("")}Error`;
}
