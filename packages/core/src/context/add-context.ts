import { heartbeatThread } from "../heartbeat/heartbeat.ts";
import type { AccountId, AgentSlug, ThreadId } from "../ids.ts";
import { checkBytes, limits, truncateBytes } from "../limits.ts";
import type { Claim } from "../ports/delivery.ts";

/** What the platform is asked about. */
export interface ContextRequest {
  /** Whose notification it is. */
  account: AccountId;
  /** Who is told. */
  agent: AgentSlug;
  /** The platform's own id of the agent. */
  ref: string | null;
  /** Where the reply belongs. */
  thread: ThreadId;
}

/** What the platform adds to a notification when it is handed out. */
export interface ThreadContext {
  /** Goes to the system prompt, behind the notification's own instructions. */
  instructions?: string;
  /** What was said in the thread, oldest first. Goes before the input, as a quotation: it is no instruction. */
  messages?: readonly ContextMessage[];
}

/** Something that was said in a thread. */
export interface ContextMessage {
  /** Who said it, as the agent should know them. */
  from: string;
  /** What. */
  text: string;
}

/** How much of a thread is told. */
export interface ContextLimits {
  /** The most messages: 50 by default. The newest are told. */
  messages: number;
  /** The most characters of all messages together: 32,000 by default. */
  characters: number;
}

/** What is told by default. */
export const contextLimits: ContextLimits = { messages: 50, characters: 32_000 };

/** Whether the platform is asked about a thread: heartbeats have none of the platform's. */
export const hasContext = ({ thread }: Pick<Claim, "thread">): boolean => thread !== heartbeatThread;

/**
 * A claim with what the platform adds. Instructions and input stay apart: what people wrote in a thread is quoted in the
 * input, never in the system prompt. What is left out or cut is said.
 *
 * @param claim as handed out
 * @param context what the platform added; null for nothing
 * @param most how much of the thread is told
 * @throws {TooLargeError} `ERR_TOO_LARGE` when the instructions together are over `limits.instructionsBytes`
 */
export function addContext(
  claim: Claim,
  context: ThreadContext | null,
  most: ContextLimits = contextLimits,
): Claim {
  if (context === null) return claim;
  const instructions = [claim.instructions, context.instructions].filter(Boolean).join("\n\n");
  checkBytes("instructions and those of the context", instructions, limits.instructionsBytes);
  const bytesLeft = limits.instructionsBytes - new TextEncoder().encode(instructions).length;
  const thread = truncateBytes(quote(context.messages ?? [], most), bytesLeft);
  return {
    ...claim,
    instructions: instructions === "" ? null : instructions,
    input: thread === "" ? claim.input : `${thread}\n\n${claim.input}`,
  };
}

function quote(messages: readonly ContextMessage[], most: ContextLimits): string {
  const quoted: string[] = [];
  let left = most.characters;
  let isCut = false;
  for (const { from, text } of messages.toReversed()) {
    if (quoted.length === most.messages || left <= 0) break;
    const whole = `${oneLine(from)}: ${text.replaceAll(lineEnd, "\n")}`;
    const kept = cut(whole, left);
    isCut = kept.length < whole.length;
    left -= kept.length;
    quoted.unshift(`${kept}${isCut ? " …" : ""}`.replaceAll(/^/gm, "> "));
  }
  if (quoted.length === 0) return "";
  const leftOut = messages.length - quoted.length;
  const said = [
    leftOut === 0 ? null : `${leftOut} earlier ${leftOut === 1 ? "message is" : "messages are"} left out`,
    isCut ? "the first one here is cut" : null,
  ].filter((remark) => remark !== null);
  const remark = said.length === 0 ? "" : ` (${said.join("; ")})`;
  return `What was said in this thread before, oldest first${remark}:\n\n${quoted.join("\n>\n")}`;
}

/** Whatever a reader may take for the end of a line, or its line would not be quoted. */
const lineEnd = /\r\n|[\r\v\f\u0085\u2028\u2029]/g;

/** A name with a line break could pass for somebody else's words. */
const oneLine = (name: string): string => cut(name.replaceAll(/\s+/g, " "), 200);

/** Cuts a text without splitting a character. */
const cut = (text: string, characters: number): string =>
  text.slice(0, characters).replace(/[\uD800-\uDBFF]$/, "");
