import { GatewayUnreachableError } from "../errors/gateway.ts";
import type { OpenClawError } from "../errors/open-claw-error.ts";
import { ConnectionCutError } from "../errors/run.ts";
import type { Progress } from "./progress.ts";

/** Failures that there are only before a connection stands, by the names of Node, undici, OpenSSL and Bun. */
const beforeConnection = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EAI_FAIL",
  "EAI_NODATA",
  "EAI_NONAME",
  "EHOSTUNREACH",
  "EHOSTDOWN",
  "ENETUNREACH",
  "EADDRNOTAVAIL",
  "UND_ERR_CONNECT_TIMEOUT",
  "ConnectionRefused",
  // A certificate is judged before the request is written.
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "CERT_REVOKED",
  "CERT_UNTRUSTED",
  "CERT_REJECTED",
  "CERT_SIGNATURE_FAILURE",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "INVALID_CA",
  "HOSTNAME_MISMATCH",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "ERR_SSL_WRONG_VERSION_NUMBER",
]);

const maxDepth = 8;

/**
 * The error of a request that got no answer, or not all of one. Only a failure that is known to come before the
 * connection means that nothing was sent; whatever is not known may have run.
 *
 * @param error what `fetch` or the body threw; it may quote headers and body, so none of it is kept but its code
 * @param seen what had come before it failed; with a status, something had been sent
 */
export function networkFailure(error: unknown, seen: Progress["seen"]): OpenClawError {
  const code = findCode(error, 0);
  if (seen.status === undefined && neverConnected(error, 0))
    return new GatewayUnreachableError({ reason: code ?? "no connection" });
  return new ConnectionCutError({ reason: code ?? "the connection failed", ...seen });
}

function neverConnected(error: unknown, depth: number): boolean {
  if (typeof error !== "object" || error === null || depth > maxDepth) return false;
  // One address each: a name may have several.
  if ("errors" in error && Array.isArray(error.errors) && error.errors.length > 0)
    return error.errors.every((inner) => neverConnected(inner, depth + 1));
  const syscall = "syscall" in error ? error.syscall : undefined;
  if (syscall === "connect" || syscall === "getaddrinfo") return true;
  // A route can also vanish under a connection that stands.
  if (syscall === "read" || syscall === "write") return false;
  if ("code" in error && typeof error.code === "string" && beforeConnection.has(error.code)) return true;
  // Deno has no code for it.
  if (error instanceof TypeError && error.message.includes(": client error (Connect): ")) return true;
  return "cause" in error && neverConnected(error.cause, depth + 1);
}

/** The innermost code: `fetch failed` says nothing, `ECONNREFUSED` does. */
function findCode(error: unknown, depth: number): string | null {
  if (typeof error !== "object" || error === null || depth > maxDepth) return null;
  const inner =
    ("cause" in error ? findCode(error.cause, depth + 1) : null) ??
    ("errors" in error && Array.isArray(error.errors) ? findCode(error.errors[0], depth + 1) : null);
  if (inner !== null) return inner;
  // Upper-case names alone: whoever wraps fetch may put anything into `code`.
  return "code" in error && typeof error.code === "string" && /^[A-Z][A-Z0-9_]{2,40}$/.test(error.code)
    ? error.code
    : null;
}
