import { checkBytes, InvalidInputError } from "@lobstercontrol/core";

/** How the keys of a provider look; what is said of it when one does not. */
interface KeyForm {
  pattern: RegExp;
  begins: string;
}

/** Only what tells one provider's keys from another's: a form that is too narrow would refuse the keys of next year. */
const forms = new Map<string, KeyForm>([
  ["anthropic", { pattern: /^sk-ant-[\w-]{16,}$/, begins: "sk-ant-" }],
  ["openai", { pattern: /^sk-(?!ant-|or-)[\w-]{16,}$/, begins: "sk-" }],
  ["vercel-ai-gateway", { pattern: /^vck_[\w-]{16,}$/, begins: "vck_" }],
  ["openrouter", { pattern: /^sk-or-[\w-]{16,}$/, begins: "sk-or-" }],
  ["gemini", { pattern: /^(?:AIza[\w-]{16,}|AQ\.[\w.-]{16,})$/, begins: "AIza or AQ." }],
]);

/**
 * What a text in clear may have in it that is a provider key, at the beginning of a word: the letter of an escape, as the `n`
 * of a new line in JSON, is none. Linear: each begins with a text of its own.
 */
const keyInText =
  /(?<!(?<!\\)\w)(?:sk-[\w-]{20,}|vck_[\w-]{16,}|AIza[\w-]{30,}|AQ\.[\w-]{30,}|gsk_\w{20,}|xai-\w{20,})/;

const providerPattern = /^[a-z0-9][a-z0-9_-]{0,63}$/;
const keyBytes = 8 * 1024;
/** What a header can carry. A dash or a quote that an editor has made typographic is none of it. */
const printable = /^[\x21-\x7e]+$/;

/**
 * The name of a provider: a known one, or any other of the same make.
 *
 * @throws {InvalidInputError} `ERR_INVALID_INPUT`
 */
export function readProvider(provider: string): string {
  // Somebody will hand in the key and the provider the wrong way round; the name is shown, the key must not be.
  if (typeof provider !== "string" || !providerPattern.test(provider) || looksLikeKey(provider))
    throw new InvalidInputError({
      field: "provider",
      problem: "must be 1 to 64 of a-z, 0-9, - and _, and begin with a letter or digit",
    });
  return provider;
}

/**
 * A provider's key, without the white space around it.
 *
 * @param field named in the error; the key is not
 * @throws {InvalidInputError} `ERR_INVALID_INPUT`
 * @throws {TooLargeError} `ERR_TOO_LARGE`
 */
export function readKey(provider: string, text: string, field = "key"): string {
  if (typeof text !== "string") throw new InvalidInputError({ field, problem: "must be a text" });
  const key = text.trim();
  if (key === "") throw new InvalidInputError({ field, problem: "is empty" });
  checkBytes(field, key, keyBytes);
  if (!printable.test(key))
    throw new InvalidInputError({
      field,
      problem: "has white space, or characters that are not visible ASCII",
    });
  const form = forms.get(provider);
  if (form !== undefined && !form.pattern.test(key))
    throw new InvalidInputError({
      field,
      problem: `does not look like a key of ${provider}, which begins with ${form.begins}`,
    });
  return key;
}

/** The last four characters, of which a short key would give away too much. */
export function lastFour(key: string): string {
  return key.length < 16 ? "" : key.slice(-4);
}

/** Whether a text has something in it that looks like a provider key. */
export function looksLikeKey(text: string): boolean {
  return keyInText.test(text);
}
