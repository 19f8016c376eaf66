import type { Secret } from "@lobstercontrol/core";

const mostCharacters = 8 * 1024;
const providerPattern = /^[a-z0-9][a-z0-9_-]{0,63}$/;
/** White space, control characters, invisible ones, and halves of surrogate pairs. */
const unprintable = /[\s\p{Cc}\p{Cf}\p{Cs}]/u;

/** Whether a provider has a name that a file may have. */
export const isProviderName = (provider: string): boolean => providerPattern.test(provider);

/**
 * What makes a value unfit to be a key; null for nothing. The gateway would take most of these without a warning: with a
 * key of two lines, each run fails after a minute, and the provider is never asked.
 *
 * @returns the end of a sentence that begins with "the key"
 */
export function keyProblem(key: Secret): string | null {
  const value = key.reveal();
  if (value === "") return "is empty";
  if (value.length > mostCharacters) return "is too long";
  if (/[\r\n]/.test(value)) return "has more than one line";
  return unprintable.test(value) ? "has white space or control characters in it" : null;
}
