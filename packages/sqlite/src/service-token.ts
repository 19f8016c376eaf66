import { createHash, randomBytes } from "node:crypto";
import { Secret, UnauthorizedError, type AccountId } from "@lobstercontrol/core";
import type { Database } from "./database.ts";

/** A new service token: 256 random bits behind a prefix that scanners for leaked secrets can look for. */
export const newServiceToken = (): Secret => new Secret(`lcs_${randomBytes(32).toString("base64url")}`);

/** What is stored of a token. A plain hash will do: the token has 256 bits, so there is nothing to guess. */
export const hashServiceToken = (token: Secret): string =>
  createHash("sha256").update(token.reveal()).digest("hex");

/**
 * The account that a token is good for, and the id of the token, looked up at each call, so that a revoked one stops working
 * at once.
 *
 * @throws {UnauthorizedError} `ERR_UNAUTHORIZED`
 */
export function holderOf(database: Database, tokenHash: string): { id: string; account: AccountId } {
  const row = database.get<{ id: string; account: AccountId }>(
    `SELECT t.id, t.account FROM service_tokens t JOIN accounts a ON a.id = t.account
     WHERE t.hash = ? AND t.revoked_at IS NULL AND a.closed_at IS NULL`,
    tokenHash,
  );
  if (row === undefined) throw new UnauthorizedError();
  return row;
}
