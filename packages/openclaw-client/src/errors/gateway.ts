import { OpenClawError, type OpenClawErrorDetails } from "./open-claw-error.ts";

/** No connection to the gateway came about, so nothing was sent. */
export class GatewayUnreachableError extends OpenClawError {
  /** The code of this error. */
  static readonly code = "ERR_GATEWAY_UNREACHABLE";

  /** @param context the failure as the platform names it, such as `ECONNREFUSED` */
  constructor(context: { reason: string }) {
    super({
      message: `The gateway could not be reached (${context.reason}).`,
      hint: "Check that the gateway runs, and that baseUrl has its host, port and scheme.",
      retryable: true,
      outcome: "notSent",
      blames: "gateway",
    });
  }
}

/** The gateway does not accept the token. A provider that does not accept its key is a {@link RunFailedError}. */
export class GatewayUnauthorizedError extends OpenClawError {
  /** The code of this error. */
  static readonly code = "ERR_GATEWAY_UNAUTHORIZED";

  /** @param details what the gateway told */
  constructor(details: OpenClawErrorDetails) {
    super({
      message: "The gateway did not accept the token.",
      hint: "Give the client the OPENCLAW_GATEWAY_TOKEN that the gateway was started with; without one it makes up its own.",
      retryable: true,
      outcome: "refused",
      blames: "gateway",
      ...details,
    });
  }
}

/** There is no `POST /v1/responses` at this address. */
export class ResponsesDisabledError extends OpenClawError {
  /** The code of this error. */
  static readonly code = "ERR_RESPONSES_DISABLED";

  /** @param details what the gateway told */
  constructor(details: OpenClawErrorDetails) {
    super({
      message: "The gateway has no POST /v1/responses.",
      hint: "Set gateway.http.endpoints.responses.enabled to true in openclaw.json, and check the path of baseUrl.",
      retryable: true,
      outcome: "refused",
      blames: "gateway",
      ...details,
    });
  }
}

/** The gateway is starting, or is about to stop, and takes no runs. */
export class GatewayUnavailableError extends OpenClawError {
  /** The code of this error. */
  static readonly code = "ERR_GATEWAY_UNAVAILABLE";

  /** @param details what the gateway told */
  constructor(details: OpenClawErrorDetails) {
    super({
      message: "The gateway takes no runs now: it is starting or stopping.",
      hint: "Wait until probe() tells that it is ready.",
      retryable: true,
      outcome: "refused",
      blames: "gateway",
      ...details,
    });
  }
}

/** The gateway takes no requests from this address for a while, even with a good token. */
export class GatewayRateLimitedError extends OpenClawError {
  /** The code of this error. */
  static readonly code = "ERR_GATEWAY_RATE_LIMITED";

  /** @param details what the gateway told, `retryAfterMs` above all */
  constructor(details: OpenClawErrorDetails) {
    super({
      message: "The gateway has had too many failed sign-ins from this address and takes no requests now.",
      hint: "Wait for retryAfterMs, and look for a client with a wrong token: each of its tries prolongs this.",
      retryable: true,
      outcome: "refused",
      blames: "gateway",
      ...details,
    });
  }
}
