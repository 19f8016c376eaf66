import { scrubText, type Secret } from "@lobstercontrol/core";

const maxCharacters = 300;
/** So many characters in a row that also stand in a private text are no coincidence. */
const run = 12;
/** A shorter private text is looked for as a whole, unless it is shorter than this. */
const minWhole = 4;

/**
 * Makes what DigitalOcean says fit for an error: bounded, on one line, without credentials. Services quote what they were
 * sent; a text that shares a piece with what is private is withheld.
 *
 * @param privateTexts the token and the user-data
 */
export function quote(text: string, token: Secret, privateText: string | null): string {
  const shown = text.slice(0, maxCharacters);
  for (const known of [token.reveal(), privateText ?? ""])
    if (shares(shown, known)) return "(withheld: it repeats what was sent)";
  return scrubText(shown, [token])
    .replaceAll(/\p{Cc}+/gu, " ")
    .trim();
}

function shares(text: string, known: string): boolean {
  // Less than that says nothing, and stands everywhere.
  if (known.length < minWhole) return false;
  const length = Math.min(run, known.length);
  for (let at = 0; at + length <= text.length; at++)
    if (known.includes(text.slice(at, at + length))) return true;
  return false;
}
