import { LobsterError } from "@lobstercontrol/core";

/** The control plane does not give this machine a service token. */
export class BootstrapRefusedError extends LobsterError {
  /** The code of this error. */
  static readonly code = "ERR_BOOTSTRAP_REFUSED";

  /** @param context what the control plane answered, safe to show */
  constructor(context: { code: string; problem: string }) {
    super({
      message: `The control plane refused the bootstrap token (${context.code}): ${context.problem}`,
      hint: "Provision the runtime again for a new bootstrap token, or issue a service token and put it into SERVICE_TOKEN_FILE.",
      retryable: false,
    });
  }
}
