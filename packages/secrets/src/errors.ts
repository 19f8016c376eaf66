import { LobsterError } from "@lobstercontrol/core";

/**
 * The envelope was not opened. Which of the reasons it was is deliberately not told, neither here nor by a cause: altered,
 * of another context, sealed under a key that the ring does not have or has disabled, or no envelope at all.
 */
export class EnvelopeRejectedError extends LobsterError {
  /** The code of this error. */
  static readonly code = "ERR_ENVELOPE_REJECTED";

  /** Takes nothing: all rejections look alike. */
  constructor() {
    super({
      message: "The envelope was not opened.",
      hint: "Check that the key ring has the key that the envelope names, and that the context is the one it was sealed with; `npx @lobstercontrol/secrets doctor` checks all that is stored.",
      retryable: false,
    });
  }
}

/** The key ring cannot be used as configured. The field is named; no value is repeated. */
export class KeyRingInvalidError extends LobsterError {
  /** The code of this error. */
  static readonly code = "ERR_KEY_RING_INVALID";

  /** @param context the option or variable, and what is wrong with it */
  constructor(context: { field: string; problem: string }) {
    super({
      message: `${context.field}: ${context.problem}.`,
      hint: "Make a master key with `npx @lobstercontrol/secrets keygen`, and keep it where the program gets its other secrets from.",
      retryable: false,
    });
  }
}

/** Provider keys were to be stored or revealed by a control plane that was made without a vault. */
export class VaultMissingError extends LobsterError {
  /** The code of this error. */
  static readonly code = "ERR_VAULT_MISSING";

  /** Takes nothing. */
  constructor() {
    super({
      message: "This control plane has no vault, so it cannot store or reveal provider keys.",
      hint: "Make it with `vault: createVault({ keyRing: keyRingFromEnv(process.env) })`.",
      retryable: false,
    });
  }
}

/** Other changes of the account's provider keys came in between, again and again. Nothing was stored. */
export class ProviderKeyConflictError extends LobsterError {
  /** The code of this error. */
  static readonly code = "ERR_PROVIDER_KEY_CONFLICT";

  /** Takes nothing. */
  constructor() {
    super({
      message: "The account's provider keys kept changing while this change was made.",
      hint: "Call again; if it lasts, look for a program that stores keys in a loop.",
      retryable: true,
    });
  }
}
