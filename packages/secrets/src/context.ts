import { InvalidInputError } from "@lobstercontrol/core";
import { isWellFormed } from "./well-formed.ts";

/**
 * What an envelope is bound to. It is not in the envelope: whoever opens one says what it must be, and any difference fails.
 * The texts are taken as they are, without normalisation; each has 1 to 256 characters, the purpose 1 to 64.
 */
export interface SealContext {
  /** What the secret is for, such as `provider-key`. */
  purpose: string;
  /** Whose it is. */
  account: string;
  /** The provider, or whatever else tells one secret of an account from another. */
  provider: string;
  /** The row that it is stored in. */
  record: string;
  /** The version of that row: a whole number that grows with each change, so that an old envelope put back is refused. */
  version: number;
}

/** The part of a {@link SealContext} that decides which subkey is used. */
export type SubkeyContext = Pick<SealContext, "purpose" | "account">;

const longest = 256;
/** Purpose, account and key id go into HKDF, of which OpenSSL takes 1,024 bytes: these are at most 1,012. */
const longestPurpose = 64;

/**
 * Refuses a context that could not be told from another one. It is the caller's own input, so the field may be named.
 *
 * @throws {InvalidInputError} `ERR_INVALID_INPUT`
 */
export function checkContext(context: SealContext): void {
  checkSubkeyContext(context);
  checkText("provider", context.provider);
  checkText("record", context.record);
  if (!Number.isSafeInteger(context.version) || context.version < 0)
    throw new InvalidInputError({ field: "context.version", problem: "must be a whole number from 0" });
}

/** @throws {InvalidInputError} `ERR_INVALID_INPUT` */
export function checkSubkeyContext({ purpose, account }: SubkeyContext): void {
  checkText("purpose", purpose, longestPurpose);
  checkText("account", account);
}

function checkText(field: keyof SealContext, value: string, most = longest): void {
  if (typeof value !== "string" || value.length < 1 || value.length > most || !isWellFormed(value))
    throw new InvalidInputError({
      field: `context.${field}`,
      problem: `must be a well-formed text of 1 to ${most} characters`,
    });
}
