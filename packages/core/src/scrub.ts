import { Secret } from "./secret.ts";

const hidden = "[secret]";
const unreadable = "[unreadable]";
const maxDepth = 8;

/** A field whose name says that its value is a credential. */
const secretField =
  /(?:^|[-_.])(?:authorization|cookies?|passwords?|passwd|passphrase|credentials?|secret|token|api[-_]?keys?|access[-_]?key|private[-_]?key|master[-_]?key(?:[-_]base64)?)$/i;
const secretFieldCamel =
  /(?:Authorization|Cookies?|Passwords?|Passphrase|Credentials?|Secret|Token|ApiKeys?|AccessKey|PrivateKey|MasterKey)$/;

/**
 * Texts that are credentials wherever they stand: each pattern keeps its first group and hides the rest.
 *
 * All of them are linear. A pattern ends in what it hides, or in a look-ahead that is met within a run which no other
 * match can begin in: one that searched the whole rest of the text in vain, once per beginning, would let whoever sends
 * a long text stop the process. One that begins with a word begins nowhere within another; the letter of an escape, as the
 * `n` of a new line in JSON, is none.
 */
const secretTexts: readonly RegExp[] = [
  /(authorization\\*["']?\s*[:=]\s*\\*["']?)(?:(?<=")[^"\r\n]+|(?<=')[^'\r\n]+|(?:[a-z][\w-]*[ \t]+)?(?!\[secret\])[^\s"',;}]{6,})/gi,
  /(cookie\\*["']?\s*[:=]\s*\\*["']?)[^"'\r\n]{6,}/gi,
  /(?<!(?<!\\)\w)(bearer\s+)[\w.~+/=-]{6,}/gi,
  /(?<!(?<!\\)\w)(basic\s+)[A-Za-z0-9+/=]{12,}/gi,
  /(:\/\/[^\s:/@]*:)[^\s/?#"]+(?=@)/g,
  /(:\/\/)[^\s:/?#@"]{16,}(?=@)/g,
  /([?&](?:token|api[-_]?key|key|secret|password|access_token)=)[^\s&#"']+/gi,
  /((?:token|api[-_]?key|access[-_]?key|private[-_]?key|master[-_]?key(?:_base64)?|secret|password|passwd|passphrase)\\*["']?\s*[:=]\s*\\*["']?)(?:(?<=")[^"\r\n]+|(?<=')[^'\r\n]+|(?!\[secret\])[^\s"',;}]{6,})/gi,
  /(?<!(?<!\\)\w)((?:sk|pk|rk)-|(?:sk|rk)_(?:live|test)_|vck_|gsk_|xai-|whsec_|github_pat_|glpat-|xox[a-z]-)[\w-]{8,}/g,
  /(?<!(?<!\\)\w)((?:dop|doo|dor)_v1_)[0-9a-f]{16,}/gi,
  /(?<!(?<!\\)\w)((?:lcs|lcb)_)[\w-]{16,}/g,
  /(?<!(?<!\\)\w)(gh[pousr]_|hf_)\w{16,}/g,
  /(?<!(?<!\\)\w)(AIza)[\w-]{20,}/g,
  /(?<!(?<!\\)\w)((?:AKIA|ASIA))[A-Z0-9]{12,}/g,
  /(?<!(?<!\\)\w)(eyJ)[\w.-]{20,}/g,
  /(-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----)[\s\S]+?(?=-----END|$)/g,
];

/**
 * Hides what looks like a credential in a text: bearer tokens, provider keys, credentials in URLs, `key=value` pairs.
 *
 * It is the last line, not the first: a value that is known to be secret belongs in a {@link Secret}.
 *
 * @param text any text on its way to a log, an error or an activity
 * @param known values to hide wherever they stand, whatever they look like
 */
export function scrubText(text: string, known: readonly Secret[] = []): string {
  return hide(text, valuesOf(known));
}

/**
 * Hides credentials in anything that goes to a structured log: by the name of a field, by the look of a text, and by
 * {@link Secret}; the names of fields are scrubbed like any text. The value handed in is not changed.
 *
 * What comes out holds only what JSON can write: a map, headers and URL parameters become an object, a set becomes an
 * array, bytes become their number, and a bigint, a symbol and a regular expression become a text. Cycles and depths over
 * eight end in `[…]`; what throws when it is read becomes `[unreadable]`. A log line must not be what breaks a program.
 *
 * @param value the fields of a log line
 * @param known values to hide wherever they stand, whatever they look like
 *
 * @example
 * ```ts
 * import { scrub } from "@lobstercontrol/core";
 *
 * console.log(scrub({ url: "https://u:p4ss@host/", gatewayToken: "abc" }));
 * // { url: "https://u:[secret]@host/", gatewayToken: "[secret]" }
 * ```
 */
export function scrub(value: unknown, known: readonly Secret[] = []): unknown {
  return visit(value, valuesOf(known), []);
}

/** The longest first: hiding a part of a longer one would leave the rest of it standing. */
function valuesOf(known: readonly Secret[]): string[] {
  return known
    .map((secret) => secret.reveal())
    .filter((value) => value !== "")
    .toSorted((a, b) => b.length - a.length);
}

function hide(text: string, known: readonly string[]): string {
  let result = text;
  for (const value of known) result = result.replaceAll(value, hidden);
  for (const pattern of secretTexts) result = result.replace(pattern, `$1${hidden}`);
  return result;
}

function visit(value: unknown, known: readonly string[], path: readonly object[]): unknown {
  switch (typeof value) {
    case "string":
      return hide(value, known);
    case "number":
      return known.some((secret) => String(value).includes(secret)) ? hidden : value;
    case "bigint":
    case "symbol":
      return hide(String(value), known);
    case "function":
      return "[function]";
    case "boolean":
    case "undefined":
      return value;
    case "object":
      break;
  }
  if (value === null) return null;
  if (path.includes(value) || path.length >= maxDepth) return "[…]";
  try {
    return visitObject(value, known, [...path, value]);
  } catch {
    return unreadable;
  }
}

function visitObject(value: object, known: readonly string[], path: readonly object[]): unknown {
  const array = (items: unknown[]): unknown[] => items.map((item) => visit(item, known, path));
  const record = (fields: Field[]): Record<string, unknown> =>
    Object.fromEntries(
      fields.map(([name, field]) => [
        hide(name, known),
        namesSecret(name) && field !== null && field !== undefined ? hidden : visit(field, known, path),
      ]),
    );

  if (value instanceof Secret) return hidden;
  if (Array.isArray(value)) return array(value);
  if (value instanceof Error) return record(fieldsOfError(value));
  // Before `toJSON`: Node's Buffer has one that spells out each byte.
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  switch (Object.prototype.toString.call(value).slice("[object ".length, -1)) {
    case "ArrayBuffer":
    case "SharedArrayBuffer":
      return `[${(value as ArrayBuffer).byteLength} bytes]`;
    case "Set":
      return array([...(value as Set<unknown>)]);
    // By their tag, since a library may bring its own Headers.
    case "Map":
    case "Headers":
    case "URLSearchParams":
    case "FormData":
      return record(
        [...(value as Iterable<[unknown, unknown]>)].map(([key, field]) => [
          typeof key === "string" ? key : JSON.stringify(visit(key, known, path) ?? null),
          field,
        ]),
      );
    case "String":
    case "Number":
    case "Boolean":
    case "BigInt":
    case "Symbol":
    case "RegExp":
      return hide((value as RegExp).toString(), known);
  }
  if ("toJSON" in value && typeof value.toJSON === "function")
    return visit(value.toJSON() as unknown, known, path);
  return record(fieldsOf(value));
}

type Field = [name: string, value: unknown];

function fieldsOf(value: object): Field[] {
  return Object.keys(value).map((name) => {
    try {
      return [name, (value as Record<string, unknown>)[name]];
    } catch {
      return [name, unreadable];
    }
  });
}

/** What an error is made of does not show in its keys. */
function fieldsOfError(error: Error): Field[] {
  const fields: Field[] = [
    ["name", error.name],
    ["message", error.message],
    ...fieldsOf(error),
    ["stack", error.stack],
    ["cause", error.cause],
    ["errors", error instanceof AggregateError ? error.errors : undefined],
  ];
  return fields.filter(([, field]) => field !== undefined);
}

function namesSecret(name: string): boolean {
  return secretField.test(name) || secretFieldCamel.test(name);
}
