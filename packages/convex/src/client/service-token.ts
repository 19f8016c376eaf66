import { Secret } from "@lobstercontrol/core";

/**
 * A new service token: 256 random bits behind a prefix that scanners for leaked secrets can look for. In an action alone: the
 * randomness of a mutation comes from a seed.
 */
export function newServiceToken(): Secret {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  const text = btoa(String.fromCharCode(...bytes));
  return new Secret(`lcs_${text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")}`);
}

/** A new id of a service token. In an action alone, as above. */
export const newServiceTokenId = (): string => `stk_${crypto.randomUUID()}`;

/** What is stored of a token, and looked up by. A plain hash will do: the token has 256 bits, so there is nothing to guess. */
export async function hashServiceToken(token: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
