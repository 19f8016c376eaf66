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
export function createRedact(privateTexts: () => readonly string[]): Redact {
  return (text) => {
    let result = text.slice(0, maxReadCharacters);
    for (const known of privateTexts()) if (known.length >= minWhole) result = hideShared(result, known);
    return truncateBytes(
      scrubText(result)
        .replaceAll(/\p{Cc}+/gu, " ")
        .trim(),
      maxShownBytes,
    );
  };
}

function hideShared(text: string, known: string): string {
  const run = Math.min(minRun, known.length);
  const wanted = new Set(windows(text, run));
  const shared = new Set<string>();
  // Once through the long text, whatever the short one holds: searching it for each window takes half a second.
  for (const window of windows(known, run)) if (wanted.has(window)) shared.add(window);
  if (shared.size === 0) return text;

  let result = "";
  let hiddenUntil = 0;
  for (let at = 0; at < text.length; at++) {
    if (shared.has(text.slice(at, at + run))) {
      if (at >= hiddenUntil) result += hidden;
      hiddenUntil = at + run;
    }
    if (at >= hiddenUntil) result += text.charAt(at);
  }
  return result;
}

/** Every piece of `size` characters. */
function* windows(text: string, size: number): Generator<string> {
  for (let at = 0; at + size <= text.length; at++) yield text.slice(at, at + size);
}
