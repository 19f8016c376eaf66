import { LobsterError } from "../error.ts";

/** No answer of the control plane came: the network failed, or its time was up. Whether the call arrived is not known. */
export class ControlPlaneUnreachableError extends LobsterError {
  /** The code of this error. */
  static readonly code = "ERR_CONTROL_PLANE_UNREACHABLE";

  /** @param context the failure as the platform names it, such as `ECONNREFUSED` */
  constructor(context: { reason: string }) {
    super({
      message: `The control plane could not be reached (${context.reason}).`,
      hint: "Check that it runs, and the scheme, host, port and path of its URL; calls that are safe to repeat were repeated.",
      retryable: true,
    });
  }
}

/** Something answered, but not as the control plane does: a proxy, a sign-in page, or another version. */
export class ControlPlaneAnswerError extends LobsterError {
  /** The code of this error. */
  static readonly code = "ERR_CONTROL_PLANE_ANSWER";

  /** @param context what is wrong with the answer, and whether it may be a better one later */
  constructor(context: { problem: string; retryable: boolean }) {
    super({
      message: `What answered at the control plane's URL ${context.problem}.`,
      hint: "Check that the URL is that of createRuntimeHandler or createAdminHandler, with its prefix, and look at the proxy between.",
      retryable: context.retryable,
    });
  }
}

/** The caller may not do this here. */
export class ForbiddenError extends LobsterError {
  /** The code of this error. */
  static readonly code = "ERR_FORBIDDEN";

  /** @param context why, safe to show to anybody */
  constructor(context: { problem: string; hint: string }) {
    super({
      message: `The call was refused: ${context.problem}.`,
      hint: context.hint,
      retryable: false,
    });
  }
}

/** The control plane failed with something that is no error of ours. Its log has the rest, under the same code. */
export class UnexpectedError extends LobsterError {
  /** The code of this error. */
  static readonly code = "ERR_UNEXPECTED";

  /** @param context what was caught, without secrets: it goes to the log, never to the caller */
  constructor(context: { cause: unknown }) {
    super({
      message: "The control plane failed unexpectedly.",
      hint: "Look for ERR_UNEXPECTED in the control plane's log, and report what stands there.",
      retryable: true,
      cause: context.cause,
    });
  }
}
