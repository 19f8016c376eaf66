import type { Prompt } from "./model-prompt.ts";

const quotedCharacters = 80;

/** What each agent of the demo does with a text; any other agent takes note of it. */
const manners: Record<string, (quote: string) => string> = {
  writer: (quote) => `A first draft about ${quote}: short sentences, one idea each.`,
  reviewer: (quote) => `I have read ${quote}. Clear enough; I would cut one sentence.`,
};

/**
 * The reply when no directive asks for another: always the same for the same conversation. It tells how many messages the
 * session has, and how it began, so that one can see what the gateway remembers.
 */
export function replyTo({ agent, userTexts }: Prompt): string {
  const manner = manners[agent ?? ""] ?? ((quote: string) => `Noted: ${quote}.`);
  const memory =
    userTexts.length === 1
      ? "This is the first message of our conversation."
      : `This is message ${userTexts.length} of our conversation; it began with ${quoted(userTexts[0])}.`;
  return `${manner(quoted(userTexts.at(-1)))} ${memory}`;
}

function quoted(text = ""): string {
  const line = text.replaceAll(/\s+/g, " ");
  return `"${line.length > quotedCharacters ? `${line.slice(0, quotedCharacters)}…` : line}"`;
}
