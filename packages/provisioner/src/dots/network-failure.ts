/** Failures that there are only before a connection stands, by the names of Node, undici, OpenSSL and Bun. */
const beforeConnection = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EADDRNOTAVAIL",
  "UND_ERR_CONNECT_TIMEOUT",
  "ConnectionRefused",
  // A certificate is judged before the request is written.
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "ERR_TLS_CERT_ALTNAME_INVALID",
]);
const maxDepth = 8;

/** What there is to know of a failed `fetch`. */
export interface NetworkFailure {
  /** Whether nothing can have been sent. What is not known to come before the connection may have been. */
  beforeConnection: boolean;
  /** The platform's word, such as `ECONNREFUSED`. Nothing else is kept: whoever wraps `fetch` may quote headers and body. */
  code: string;
}

/** @param error what `fetch` or the body threw */
export function networkFailure(error: unknown): NetworkFailure {
  return { beforeConnection: neverConnected(error, 0), code: findCode(error) ?? "the connection failed" };
}

function neverConnected(error: unknown, depth: number): boolean {
  if (typeof error !== "object" || error === null || depth > maxDepth) return false;
  // One for each address that the name has.
  if ("errors" in error && Array.isArray(error.errors) && error.errors.length > 0)
    return error.errors.every((inner) => neverConnected(inner, depth + 1));
  const syscall = "syscall" in error ? error.syscall : undefined;
  if (syscall === "connect" || syscall === "getaddrinfo") return true;
  // A route can also vanish under a connection that stands.
  if (syscall === "read" || syscall === "write") return false;
  if ("code" in error && typeof error.code === "string" && beforeConnection.has(error.code)) return true;
  return "cause" in error && neverConnected(error.cause, depth + 1);
}

function findCode(error: unknown): string | null {
  let code: string | null = null;
  for (let at = error, depth = 0; typeof at === "object" && at !== null && depth < maxDepth; depth++) {
    // Upper-case names alone: anything may be put into `code`.
    if ("code" in at && typeof at.code === "string" && /^[A-Z][A-Z0-9_]{2,40}$/.test(at.code)) code = at.code;
    if ("errors" in at && Array.isArray(at.errors) && at.errors.length > 0) at = at.errors[0];
    else at = "cause" in at ? at.cause : null;
  }
  return code;
}
