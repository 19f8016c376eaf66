import { LobsterError } from "../error.ts";
import type { ProvisionState } from "./record.ts";

/** Nothing may be provisioned for this account, or by this control plane at all. */
export class ProvisioningDisabledError extends LobsterError {
  /** The code of this error. */
  static readonly code = "ERR_PROVISIONING_DISABLED";

  /** Takes nothing. */
  constructor() {
    super({
      message: "Provisioning is switched off for this account.",
      hint: "Give the control plane a provisioner, and let the provisioner's option `enabled` allow the account.",
      retryable: false,
    });
  }
}

/** The account's droplet is not in a state in which this can be asked for. */
export class ProvisionStateError extends LobsterError {
  /** The code of this error. */
  static readonly code = "ERR_PROVISION_STATE";

  /** @param context what was asked, and where the droplet is in its life */
  constructor(context: { asked: "provision" | "retry"; state: ProvisionState | "absent" }) {
    super({
      message: `The account's droplet is ${context.state}; it cannot be asked to ${context.asked} now.`,
      hint: hints[context.asked],
      retryable: false,
    });
  }
}

const hints = {
  provision:
    "Destroy the droplet that there is, and wait until it is destroyed, before asking for another one.",
  retry:
    "Only what failed can be retried. Ask for a droplet with provisionRuntime, or wait for the deadline.",
};

/** The record kept changing while this change was made. Nothing was stored. */
export class ProvisionConflictError extends LobsterError {
  /** The code of this error. */
  static readonly code = "ERR_PROVISION_CONFLICT";

  /** Takes nothing. */
  constructor() {
    super({
      message: "The account's provisioning kept changing while this change was made.",
      hint: "Call again.",
      retryable: true,
    });
  }
}

/** The bootstrap token is unknown, used for another service token, or its time is over; which of them is not said. */
export class BootstrapTokenError extends LobsterError {
  /** The code of this error. */
  static readonly code = "ERR_BOOTSTRAP_TOKEN";

  /** Takes nothing: the reason is deliberately not told. */
  constructor() {
    super({
      message: "The bootstrap token was not accepted.",
      hint: "Look into the account's activities for why, then retry the provisioning: a new droplet gets a new token.",
      retryable: false,
    });
  }
}
