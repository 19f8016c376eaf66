import { OpenClawError, type Blame, type OpenClawErrorDetails } from "./open-claw-error.ts";

/** The gateway answered that it would not run this request. */
export class RequestRefusedError extends OpenClawError {
  /** The code of this error. */
  static readonly code = "ERR_REQUEST_REFUSED";

  /** @param context what the gateway said, safe to show, and what it told besides */
  constructor(context: OpenClawErrorDetails & { status: number; problem: string | null }) {
    const { problem, ...details } = context;
    const blames = blameOf(details);
    super({
      message: `The gateway refused the request (${details.status})${problem === null ? "." : `: ${problem}`}`,
      hint: hintOf(details),
      // The same request would be refused again; but one that any request would have met may pass once that is mended.
      retryable: blames === "gateway",
      outcome: "refused",
      blames,
      ...details,
    });
  }
}

function blameOf({ status, gatewayType }: OpenClawErrorDetails): Blame {
  const anyRequest = gatewayType === "proxy_attribution_required" || isRedirect(status) || status === 405;
  return anyRequest ? "gateway" : "request";
}

function hintOf({ status, gatewayType }: OpenClawErrorDetails): string {
  if (gatewayType === "proxy_attribution_required")
    return "A proxy in between adds X-Forwarded-For: list its address in gateway.trustedProxies of openclaw.json.";
  if (isRedirect(status))
    return "Point baseUrl at the gateway itself: a redirect is not followed, since it would carry the token elsewhere.";
  if (status === 405) return "Point baseUrl at the gateway: what answered takes no POST /v1/responses.";
  if (status === 413) return "Shorten the input or the instructions; the gateway takes about 20 MB.";
  return "Correct what the gateway names, such as an agent that it does not have, and send again.";
}

function isRedirect(status: number | null | undefined): boolean {
  // 0 is how browsers show a redirect that was not followed.
  return typeof status === "number" && (status === 0 || (status >= 300 && status < 400));
}
