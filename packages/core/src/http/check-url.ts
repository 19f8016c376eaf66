import { InvalidInputError } from "../errors.ts";

/**
 * The URL that the paths of calls are put behind.
 *
 * @throws {InvalidInputError} `ERR_INVALID_INPUT` when it is not one that a token may be sent to
 */
export function checkUrl(url: string | URL): string {
  const field = "url";
  const text = String(url);
  if (!URL.canParse(text)) throw new InvalidInputError({ field, problem: "is not a URL" });
  const { protocol, hostname, username, password, search, hash, href } = new URL(text);
  if (protocol !== "https:" && !(protocol === "http:" && isLoopback(hostname)))
    throw new InvalidInputError({ field, problem: "must begin with https://, except on loopback" });
  if (username !== "" || password !== "" || search !== "" || hash !== "")
    throw new InvalidInputError({ field, problem: "must have no user, password, query or fragment" });
  return href.replace(/\/+$/, "");
}

/** A name that only looks like loopback is resolved by somebody else. */
function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
}
