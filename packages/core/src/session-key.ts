import { agentSlugPattern } from "./agent-slug-pattern.ts";
import { InvalidInputError } from "./errors.ts";
import type { AccountId, AgentSlug, SessionKey, ThreadId } from "./ids.ts";

/** What a session key is made of: the result of {@link parseSessionKey}. */
export interface SessionKeyParts {
  /** The account that the conversation belongs to. */
  account: AccountId;
  /** The agent that it is held with. */
  agent: AgentSlug;
  /** The platform's conversation. */
  thread: ThreadId;
  /** 0 at first; a higher one is a fresh conversation with the same agent in the same thread. */
  epoch: number;
}

/**
 * The key of a conversation at the gateway: `agent:<agent>:lobster:a.<account>:t.<thread>:<epoch>`.
 *
 * The gateway lower-cases keys, so two ids that differ in case alone would share one conversation, and with it one
 * account's words would reach another (promise 7). Every byte that is not `a-z 0-9 . _ -` is therefore written as `~` and
 * two hex digits: the key is already lower-case, and no two sets of parts have the same one. The `agent:` prefix is
 * always there, because the gateway guesses where it is not. `lobster:`, `a.` and `t.` keep clear of the words that it looks
 * for between colons, such as `subagent`, `cron`, `group` or `thread`, whatever an account or a thread is called.
 *
 * @example
 * ```ts
 * import { parseSessionKey, sessionKey } from "@lobstercontrol/core";
 *
 * const key = sessionKey({ account: "Acme", agent: "writer", thread: "t 1", epoch: 0 });
 * console.log(key); // agent:writer:lobster:a.~41cme:t.t~201:0
 * console.log(parseSessionKey(key).account); // Acme
 * ```
 *
 * @param parts the account, the agent's slug, the thread, and the epoch, a whole number from 0
 * @throws {InvalidInputError} `ERR_INVALID_INPUT` when the agent is no slug, the epoch no such number, or the
 *   account or thread empty or not well-formed Unicode
 */
export function sessionKey(parts: {
  account: string;
  agent: string;
  thread: string;
  epoch: number;
}): SessionKey {
  // A colon in it would let one agent's key be another's.
  if (!agentSlugPattern.test(parts.agent))
    throw new InvalidInputError({ field: "agent", problem: "is not a slug" });
  // Half a surrogate pair has no UTF-8: all of them would become the same replacement character.
  // With the colon between them, for two halves would make a whole.
  if (/\p{Cs}/u.test(`${parts.account}:${parts.thread}`))
    throw new InvalidInputError({ field: "account or thread", problem: "is not well-formed Unicode" });
  if (parts.account === "" || parts.thread === "")
    throw new InvalidInputError({ field: "account or thread", problem: "must not be empty" });
  if (!Number.isSafeInteger(parts.epoch) || parts.epoch < 0)
    throw new InvalidInputError({ field: "epoch", problem: "must be a whole number from 0" });
  const { agent, account, thread, epoch } = parts;
  return `agent:${agent}:lobster:a.${encode(account)}:t.${encode(thread)}:${epoch}` as SessionKey;
}

/**
 * The parts of a session key.
 *
 * @param key a key that {@link sessionKey} made
 * @throws {InvalidInputError} `ERR_INVALID_INPUT` for any other text
 */
export function parseSessionKey(key: string): SessionKeyParts {
  const [, agent = "", account = "", thread = "", epoch = ""] =
    /^agent:([^:]+):lobster:a\.([^:]+):t\.([^:]+):(\d+)$/.exec(key) ?? [];
  try {
    const parts = {
      account: decode(account) as AccountId,
      agent: agent as AgentSlug,
      thread: decode(thread) as ThreadId,
      epoch: Number(epoch),
    };
    // Made again it must be the same: there is one way only to write each key.
    if (sessionKey(parts) === key) return parts;
  } catch {
    // Not UTF-8, or empty: not a key of ours either.
  }
  throw new InvalidInputError({ field: "session key", problem: "was not made by sessionKey()" });
}

function encode(part: string): string {
  // Most ids need nothing, and this is done for each notification that is handed out.
  if (/^[a-z0-9._-]*$/.test(part)) return part;
  return Array.from(new TextEncoder().encode(part), (byte) => {
    const character = String.fromCharCode(byte);
    return /[a-z0-9._-]/.test(character) ? character : `~${byte.toString(16).padStart(2, "0")}`;
  }).join("");
}

function decode(part: string): string {
  const bytes = part.match(/~[0-9a-f]{2}|[a-z0-9._-]/g) ?? [];
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
    Uint8Array.from(bytes, (text) =>
      text.length === 1 ? text.charCodeAt(0) : Number.parseInt(text.slice(1), 16),
    ),
  );
}
