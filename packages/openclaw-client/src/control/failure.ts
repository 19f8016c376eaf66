import type { Secret } from "@lobstercontrol/core";
import { GatewayClientRequestError } from "@openclaw/gateway-client";
import { z } from "zod";
import { createRedact } from "../redact.ts";
import {
  ControlCallError,
  ControlNotPairedError,
  ControlUnauthorizedError,
  ControlUnreachableError,
} from "./errors.ts";

/** Ids of the gateway's making, safe to show and to type into a shell. */
const id = z
  .string()
  .regex(/^[\w-]{1,100}$/)
  .nullish()
  .catch(null);
const notPaired = z.object({
  code: z.literal("PAIRING_REQUIRED"),
  requestId: id,
  deviceId: id,
  reason: z.string().optional().catch(undefined),
});
/** What the gateway tells about a sign-in that it refused. */
const refusedSignIn = z.object({ code: z.string().regex(/^(?:AUTH_|DEVICE_)/) });
/** Signed in from an address that the gateway does not trust, and without a device: connected, but without any rights. */
const withoutRights = z.object({ code: z.literal("MISSING_SCOPE") });
const withCode = z.object({ code: z.string().regex(/^[A-Z][A-Z0-9_]{1,40}$/) });

/** The error of a connection that did not come about. */
export function connectFailure(error: unknown): Error {
  if (!(error instanceof GatewayClientRequestError))
    return new ControlUnreachableError({ reason: codeOf(error) ?? "no WebSocket" });
  const pairing = notPaired.safeParse(error.details).data;
  if (pairing !== undefined)
    return new ControlNotPairedError({
      deviceId: pairing.deviceId ?? null,
      requestId: pairing.requestId ?? null,
      wasPaired: pairing.reason !== undefined && pairing.reason !== "not-paired",
    });
  return refusedSignIn.safeParse(error.details).success
    ? new ControlUnauthorizedError()
    : new ControlUnreachableError({ reason: error.gatewayCode });
}

/** The error of a call over a connection that did. What the call said, such as a session key, is not repeated. */
export function callFailure(method: string, parameters: object, error: unknown, token: Secret): Error {
  if (!(error instanceof GatewayClientRequestError))
    return new ControlUnreachableError({ reason: codeOf(error) ?? "the connection was lost" });
  if (withoutRights.safeParse(error.details).success) return new ControlNotPairedError();
  if (/missing scope|unauthorized/i.test(error.message)) return new ControlUnauthorizedError();
  const said = Object.values(parameters).filter((value) => typeof value === "string");
  return new ControlCallError({
    method,
    problem: createRedact(() => [token.reveal(), ...said])(error.message),
    gatewayCode: error.gatewayCode,
    retryable: error.retryable,
  });
}

function codeOf(error: unknown): string | undefined {
  return withCode.safeParse(error).data?.code;
}
