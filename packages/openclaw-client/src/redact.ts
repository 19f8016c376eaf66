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
    const read = text.slice(0, maxReadCharacters);
    const known = privateTexts().filter(({ length }) => length >= minWhole);
    const quoted = read.includes("\\") ? known.map((one) => JSON.stringify(one).slice(1, -1)) : [];
    const shown = caseless(read);
    const marks = new Uint8Array(read.length);
    for (const one of new Set([...known, ...quoted])) markShared(marks, shown, caseless(one));
    // All at once: hiding one text would split another that holds it, into pieces too short to be found.
    let result = "";
    for (const [at, mark] of marks.entries())
      if (mark === 0) result += read.charAt(at);
      else if (marks[at - 1] !== 1) result += hidden;
    return truncateBytes(
      scrubText(result)
        .replaceAll(/\p{Cc}+/gu, " ")
        .trim(),
      maxShownBytes,
    );
  };
}

/** The gateway lower-cases users and session keys. Each character stays in its place: `İ` alone would become two. */
function caseless(text: string): string {
  return text.replaceAll("İ", "i").toLowerCase();
}

/** Marks the characters of `text` that stand in `known` too, in as long a row. */
function markShared(marks: Uint8Array, text: string, known: string): void {
  const run = Math.min(minRun, known.length);
  const wanted = new Set(windows(text, run));
  const shared = new Set<string>();
  // Once through the long text, whatever the short one holds: searching it for each window takes half a second.
  for (const window of windows(known, run)) if (wanted.has(window)) shared.add(window);
  let at = 0;
  for (const window of windows(text, run)) {
    if (shared.has(window)) marks.fill(1, at, at + run);
    at++;
  }
}

/** Every piece of `size` characters. */
function* windows(text: string, size: number): Generator<string> {
  for (let at = 0; at + size <= text.length; at++) yield text.slice(at, at + size);
}
