/** An object as JSON has it. */
export interface JsonObject {
  [name: string]: unknown;
}

/** Whether a value is a plain object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** One object over another: objects are merged, everything else is replaced. */
export function over(lower: JsonObject, upper: JsonObject): JsonObject {
  const merged = { ...lower };
  for (const [name, value] of Object.entries(upper)) {
    const below = Object.hasOwn(lower, name) ? lower[name] : undefined;
    // Not by assignment, which `__proto__` would bend.
    Object.defineProperty(merged, name, {
      value: isObject(below) && isObject(value) ? over(below, value) : value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return merged;
}

/** JSON for people, the names of every object in alphabetical order: the same content is the same text. */
export function stableJson(value: unknown): string {
  return `${JSON.stringify(value, sorted, 2)}\n`;
}

function sorted(_: string, value: unknown): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
