import { InvalidInputError } from "./errors.ts";
import type { AccountId, AgentSlug, SessionKey, ThreadId } from "./ids.ts";

/** What a session key is made of, and what {@link parseSessionKey} gives back. */
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

const space = "lobster";

/**
 * The key of a conversation at the gateway: `agent:<agent>:lobster:<account>:<thread>:<epoch>`.
 *
 * The gateway lower-cases keys, so two ids that differ in case alone would share one conversation, and with it one
 * account's words would reach another (promise 7). Every byte that is not `a-z 0-9 . _ -` is therefore written as `~` and
 * two hex digits: the key is already lower-case, and no two sets of parts have the same one. The `agent:` prefix is
 * always there, because the gateway guesses where it is not; `lobster:` keeps clear of its reserved names (`subagent:`,
 * `cron:`, `acp:`).
 *
 * @example
 * ```ts
 * import { parseSessionKey, sessionKey } from "@lobstercontrol/core";
 * import type { AccountId, AgentSlug, ThreadId } from "@lobstercontrol/core";
 *
 * const key = sessionKey({
 *   account: "Acme" as AccountId,
 *   agent: "writer" as AgentSlug,
 *   thread: "t 1" as ThreadId,
 *   epoch: 0,
 * });
 * console.log(key); // agent:writer:lobster:~41cme:t~201:0
 * console.log(parseSessionKey(key).account); // Acme
 * ```
 */
export function sessionKey(parts: SessionKeyParts): SessionKey {
  if (!Number.isSafeInteger(parts.epoch) || parts.epoch < 0)
    throw new InvalidInputError({ field: "epoch", problem: "must be a whole number from 0" });
  return ["agent", parts.agent, space, encode(parts.account), encode(parts.thread), parts.epoch].join(
    ":",
  ) as SessionKey;
}

/**
 * The parts of a session key.
 *
 * @param key a key that {@link sessionKey} made
 * @throws {InvalidInputError} `ERR_INVALID_INPUT` for any other text
 */
export function parseSessionKey(key: string): SessionKeyParts {
  const [prefix, agent, name, account, thread, epoch, ...rest] = key.split(":");
  try {
    const parts = {
      account: decode(account ?? "") as AccountId,
      agent: (agent ?? "") as AgentSlug,
      thread: decode(thread ?? "") as ThreadId,
      epoch: Number(epoch),
    };
    if (prefix === "agent" && name === space && rest.length === 0 && sessionKey(parts) === key) return parts;
  } catch {
    // Not UTF-8, or no number: not a key of ours either.
  }
  throw new InvalidInputError({ field: "session key", problem: "was not made by sessionKey()" });
}

function encode(part: string): string {
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
