/** A message as OpenAI's chat completions have it, as far as we read it. */
export interface ChatMessage {
  /** `system`, `user`, `assistant` or `tool`. */
  role: string;
  /** A text, or parts: texts, and images as data URLs. */
  content?: string | readonly { text?: string; image_url?: { url: string } }[] | null;
}

/** What the gateway's prompt says once its own additions are taken away. */
export interface Prompt {
  /** Slug of the agent that asks, when the gateway named it. */
  agent?: string;
  /** What the user said in this session, oldest first; the last is what to answer. */
  userTexts: string[];
}

const internalContext = /<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>[\s\S]*?<<<END_OPENCLAW_INTERNAL_CONTEXT>>>/g;
/** Asked by the gateway itself after an empty reply: the question of the user before it still stands. */
const askedAgain = /^The previous attempt did not produce a user-visible answer\.[\s\S]*$/;
const timestamp = /^\[[A-Z][a-z]{2} \d{4}-\d{2}-\d{2} [^\]]*\] /;
const runtimeLine = /(?:^|\n\n)Runtime: agent=(\S+) \|[^\n]*$/;
/** A turn that was cut comes again, in front of the next one, up to a blank line. */
const cutTurn = /^\[Queued user message from a previous active turn;[^\]]*\]\n[\s\S]*?\n\n/;

/**
 * Reads a prompt of the gateway. It puts a time before what the user says, its own state after the session's first
 * message, and now and then a whole message of its own in between.
 */
export function readPrompt(messages: readonly ChatMessage[]): Prompt {
  const texts = messages.filter(({ role }) => role === "user").flatMap(textsOf);
  const agent = texts.map((text) => runtimeLine.exec(text)?.[1]).findLast((name) => name !== undefined);
  const userTexts = texts.map(clean).filter((text) => text !== "");
  return { userTexts, ...(agent === undefined ? {} : { agent }) };
}

function clean(text: string): string {
  return text
    .replaceAll(internalContext, "")
    .replace(timestamp, "")
    .replace(runtimeLine, "")
    .replace(cutTurn, "")
    .replace(askedAgain, "")
    .trim();
}

/** Turns that got no reply stand in one message, a part each. */
function textsOf({ content }: ChatMessage): string[] {
  if (typeof content === "string") return [content];
  return (content ?? []).map((part) => part.text ?? "");
}
