import { Secret } from "./secret.ts";

const hidden = "[secret]";
const maxDepth = 8;

/** A field whose name says that its value is a credential. */
const secretField =
  /^(.*[-_.])?(authorization|cookie|set-cookie|password|passwd|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|master[-_]?key)$/i;
const secretFieldCamel =
  /(Authorization|Cookie|Password|Secret|Token|ApiKey|AccessKey|PrivateKey|MasterKey)$/;

/** Texts that are credentials wherever they stand: each pattern keeps its first group and hides the rest. */
const secretTexts: readonly RegExp[] = [
  /\b(bearer\s+)[\w.~+/=-]{6,}/gi,
  /\b(basic\s+)[A-Za-z0-9+/=]{12,}/gi,
  /(:\/\/[^\s:/@]*:)[^\s/@]+(?=@)/g,
  /([?&](?:token|api[-_]?key|key|secret|password|access_token)=)[^\s&#"']+/gi,
  /((?:token|api[-_]?key|secret|password|authorization)["']?\s*[:=]\s*["']?)(?!\[secret\])[^\s"',;}]{6,}/gi,
  /\b((?:sk|pk|rk)-)[\w-]{8,}/g,
  /\b((?:dop|doo|dor)_v1_)[0-9a-f]{16,}/gi,
  /\b((?:lcs|lcb)_)[\w-]{16,}/g,
  /\b(gh[pousr]_)\w{16,}/g,
  /\b(AIza)[\w-]{20,}/g,
  /\b((?:AKIA|ASIA))[A-Z0-9]{12,}/g,
  /(-----BEGIN [A-Z ]*PRIVATE KEY-----)[\s\S]+?(?=-----END)/g,
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
  let result = text;
  for (const secret of known) {
    const value = secret.reveal();
    if (value !== "") result = result.replaceAll(value, hidden);
  }
  for (const pattern of secretTexts) result = result.replace(pattern, `$1${hidden}`);
  return result;
}

/**
 * Hides credentials in anything that goes to a structured log: by the name of a field, by the look of a text, and by
 * {@link Secret}. The value handed in is not changed. Cycles and depths over eight end in `[…]`.
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
  return visit(value, known, []);
}

function visit(value: unknown, known: readonly Secret[], path: readonly object[]): unknown {
  if (typeof value === "string") return scrubText(value, known);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Secret) return hidden;
  if (path.includes(value) || path.length >= maxDepth) return "[…]";
  const inner = [...path, value];
  if (Array.isArray(value)) return value.map((item) => visit(item, known, inner));
  if (value instanceof Error) return visit(errorFields(value), known, inner);
  if ("toJSON" in value && typeof value.toJSON === "function")
    return visit(value.toJSON() as unknown, known, inner);
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name,
      namesSecret(name) && field !== null && field !== undefined ? hidden : visit(field, known, inner),
    ]),
  );
}

function namesSecret(name: string): boolean {
  return secretField.test(name) || secretFieldCamel.test(name);
}

function errorFields(error: Error): Record<string, unknown> {
  const { name, message, stack, cause, ...own } = error as Error & Record<string, unknown>;
  return { name, message, ...own, stack, ...(cause === undefined ? {} : { cause }) };
}
