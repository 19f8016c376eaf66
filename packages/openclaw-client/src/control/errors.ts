import { LobsterError, scrubText } from "@lobstercontrol/core";

/** No control connection to the gateway came about, or it was lost before the answer came. */
export class ControlUnreachableError extends LobsterError {
  /** The code of this error. */
  static readonly code = "ERR_CONTROL_UNREACHABLE";

  /** @param context the failure as the platform names it, such as `ECONNREFUSED` */
  constructor(context: { reason: string }) {
    super({
      code: ControlUnreachableError.code,
      message: `The gateway's control connection failed (${context.reason}).`,
      hint: "Check that the gateway runs and is ready, and that url has its host, port and scheme.",
      retryable: true,
    });
  }
}

/** The gateway does not accept the token, or does not let this connection do what was asked. */
export class ControlUnauthorizedError extends LobsterError {
  /** The code of this error. */
  static readonly code = "ERR_CONTROL_UNAUTHORIZED";

  /** Takes nothing: what the gateway says about it may hold what was sent. */
  constructor() {
    super({
      code: ControlUnauthorizedError.code,
      message: "The gateway did not accept the token for control calls.",
      hint: "Give it the OPENCLAW_GATEWAY_TOKEN that the gateway was started with, and connect on loopback of the gateway's network namespace.",
      retryable: true,
    });
  }
}

/** The gateway did not answer, or did not do what was asked, in time. Whether it does so later is not known. */
export class ControlTimeoutError extends LobsterError {
  /** The code of this error. */
  static readonly code = "ERR_CONTROL_TIMEOUT";

  /** @param context what was waited for, and for how long */
  constructor(context: { what: string; timeoutMs: number }) {
    super({
      code: ControlTimeoutError.code,
      message: `The gateway had not finished ${context.what} after ${context.timeoutMs} ms.`,
      hint: "Try again; if it goes on, look whether the gateway is busy, starting or stopping.",
      retryable: true,
    });
  }
}

/** The gateway refused a control call, failed in it, or answered something that cannot be understood. */
export class ControlCallError extends LobsterError {
  /** The code of this error. */
  static readonly code = "ERR_CONTROL_CALL";
  /** The gateway's method, such as `secrets.reload`. */
  readonly method: string;
  /** The gateway's own error code; null when it told none. */
  readonly gatewayCode: string | null;

  /** @param context the method, and what the gateway said, safe to show */
  constructor(context: { method: string; problem: string; gatewayCode?: string; retryable?: boolean }) {
    super({
      code: ControlCallError.code,
      message: `The gateway did not carry out ${context.method}: ${context.problem}.`,
      hint: "Look for the reason in the gateway's log, and check that its version is supported.",
      retryable: context.retryable ?? false,
    });
    this.method = context.method;
    this.gatewayCode = context.gatewayCode ?? null;
  }
}

/** The gateway found the new configuration invalid. It goes on with the old one, which is in the file again. */
export class ConfigInvalidError extends LobsterError {
  /** The code of this error. */
  static readonly code = "ERR_CONTROL_CONFIG_INVALID";
  /** What is wrong, as the gateway says it. */
  readonly issues: readonly ConfigIssue[];

  /** @param context what the gateway says is wrong */
  constructor(context: { issues: readonly ConfigIssue[] }) {
    const issues = context.issues.map(({ path, message }) => ({ path, message: scrubText(message) }));
    const [first] = issues;
    super({
      code: ConfigInvalidError.code,
      message: `The gateway does not accept the configuration${first === undefined ? "." : `: ${first.path}: ${first.message}`}`,
      hint: "Correct what `issues` names; until then the gateway goes on with the configuration it had.",
      retryable: false,
    });
    this.issues = issues;
  }
}

/** One thing that the gateway finds wrong with a configuration. */
export interface ConfigIssue {
  /** Where, such as `gateway.port`; empty for the file as a whole. */
  path: string;
  /** What, in the gateway's words. */
  message: string;
}
