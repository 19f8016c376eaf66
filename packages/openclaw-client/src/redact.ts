import { scrubText, truncateBytes } from "@lobstercontrol/core";

const hidden = "[secret]";
const maxReadCharacters = 1_000;
const maxShownBytes = 500;

/** So many characters in a row that also stand in a private text are no coincidence. */
const minRun = 12;
/** A shorter private text is hidden as a whole, unless it is so short that it says nothing. */
const minWhole = 4;

/** Makes a text of the gateway safe to show: what it repeats of the private texts is hidden, and it is bounded. */
export type Redact = (text: string) => string;

/**
 * Gateways and providers quote what they were sent. Their words go into errors, which the account's admin may read and
 * which logs keep; the token, the session key and the input must not go with them, not even in part.
 */
export function createRedact(privateTexts: readonly string[]): Redact {
  const texts = privateTexts.filter((text) => text.length >= minWhole);
  return (text) => {
    let result = text.slice(0, maxReadCharacters);
    for (const known of texts) result = hideShared(result, known);
    return truncateBytes(scrubText(result).replaceAll(/\p{Cc}+/gu, " ").trim(), maxShownBytes);
  };
}

function hideShared(text: string, known: string): string {
  const run = Math.min(minRun, known.length);
  let result = "";
  let start = 0;
  while (start < text.length) {
    let end = start + run;
    if (end > text.length || !known.includes(text.slice(start, end))) {
      result += text.charAt(start++);
      continue;
    }
    while (end < text.length && known.includes(text.slice(start, end + 1))) end++;
    result += hidden;
    start = end;
  }
  return result;
}
