import { LobsterError, scrubText } from "@lobstercontrol/core";

/** No control connection to the gateway came about, or it was lost before the answer came. */
export class ControlUnreachableError extends LobsterError {
  /** The code of this error. */
  static readonly code = "ERR_CONTROL_UNREACHABLE";

  /** @param context the failure as the platform names it, such as `ECONNREFUSED` */
  constructor(context: { reason: string }) {
    super({
      message: `The gateway's control connection failed (${context.reason}).`,
      hint: "Check that the gateway runs and is ready, and that url has its host, port and scheme.",
      retryable: true,
    });
  }
}

/** The gateway does not accept the token. */
export class ControlUnauthorizedError extends LobsterError {
  /** The code of this error. */
  static readonly code = "ERR_CONTROL_UNAUTHORIZED";

  /** Takes nothing: what the gateway says about it may hold what was sent. */
  constructor() {
    super({
      message: "The gateway did not accept the token for control calls.",
      hint: "Give it the OPENCLAW_GATEWAY_TOKEN that the gateway was started with.",
      retryable: true,
    });
  }
}

/**
 * The gateway accepts the token, but not for control calls from this address: they need a device that an operator has
 * approved, and this one is not, or not any more.
 */
export class ControlNotPairedError extends LobsterError {
  /** The code of this error. */
  static readonly code = "ERR_CONTROL_NOT_PAIRED";
  /** What the gateway calls the device; null when there is none. */
  readonly deviceId: string | null;
  /** What an operator approves, for the next five minutes; null when there is no device. */
  readonly requestId: string | null;

  /** @param request what the gateway made of a sign-in with a device; none was given by default */
  constructor(request?: { deviceId: string | null; requestId: string | null; wasPaired: boolean }) {
    super({
      message: messageOf(request),
      hint:
        request === undefined
          ? "Give createGatewayControl a deviceKey and have it approved, or connect on loopback of the gateway's network namespace."
          : `Compare the device, then approve it on the gateway's machine within 5 minutes: openclaw devices approve ${request.requestId ?? "REQUEST"}`,
      // An approval is all that it takes; without a device there is nothing to approve.
      retryable: request !== undefined,
    });
    this.deviceId = request?.deviceId ?? null;
    this.requestId = request?.requestId ?? null;
  }
}

function messageOf(request: { deviceId: string | null; wasPaired: boolean } | undefined): string {
  if (request === undefined)
    return "The gateway takes no control calls from this address by its token alone.";
  const device = `device${request.deviceId === null ? "" : ` ${request.deviceId}`}`;
  return request.wasPaired
    ? `The gateway no longer takes control calls of ${device}: its approval was revoked or has changed.`
    : `The gateway takes no control calls of ${device} before it is approved.`;
}

/** The gateway did not answer, or did not do what was asked, in time. Whether it does so later is not known. */
export class ControlTimeoutError extends LobsterError {
  /** The code of this error. */
  static readonly code = "ERR_CONTROL_TIMEOUT";

  /** @param context what was waited for, and for how long */
  constructor(context: { what: string; timeoutMs: number }) {
    super({
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
      message: `The gateway did not carry out ${context.method}: ${context.problem}.`,
      hint: "Look for the reason in the gateway's log, and check that its version is supported.",
      retryable: context.retryable ?? false,
    });
    this.method = context.method;
    this.gatewayCode = context.gatewayCode ?? null;
  }
}

/** The gateway found the new configuration invalid. It goes on with the old one, which is in the file again. */
export class ControlConfigInvalidError extends LobsterError {
  /** The code of this error. */
  static readonly code = "ERR_CONTROL_CONFIG_INVALID";
  /** What is wrong, as the gateway says it. */
  readonly issues: readonly ConfigIssue[];

  /** @param context what the gateway says is wrong */
  constructor(context: { issues: readonly ConfigIssue[] }) {
    const issues = context.issues.map(({ path, message }) => ({ path, message: scrubText(message) }));
    const [first] = issues;
    super({
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
