const space = /\s*/y;
const scalar = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*|true|false|null/y;

/**
 * dots writes a body that may be one of several kinds once per kind, all into one object: the keys that the kinds share are
 * repeated, and what a receiver makes of a repeated key is its own affair. A key that is there again with the very same
 * value is left out, which changes nothing that any receiver could read. Anything else must not leave.
 *
 * @param text what is about to leave
 * @returns the same body, each key once
 * @throws {SyntaxError} when it is no JSON, or repeats a key with another value; no value is quoted
 */
export function oneOfEachKey(text: string): string {
  let at = 0;

  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? "";
    at += found.length;
    return found;
  };
  const takeSign = (signs: string): string => {
    take(space);
    const sign = text.charAt(at);
    if (sign === "" || !signs.includes(sign)) throw notJson();
    at += 1;
    take(space);
    return sign;
  };
  const takeScalar = (): string => {
    const found = take(scalar);
    if (found === "") throw notJson();
    return found;
  };
  const takeItems = (end: string, takeItem: () => void): void => {
    take(space);
    if (text.charAt(at) === end) {
      at += 1;
      return;
    }
    do takeItem();
    while (takeSign(`,${end}`) === ",");
  };
  const takeValue = (): string => {
    take(space);
    switch (text.charAt(at)) {
      case "{": {
        at += 1;
        const fields = new Map<string, string>();
        takeItems("}", () => {
          const key = takeScalar();
          takeSign(":");
          const value = takeValue();
          if ((fields.get(key) ?? value) !== value)
            throw new SyntaxError(`The body has ${key} twice, with two values.`);
          fields.set(key, value);
        });
        return `{${Array.from(fields, ([key, value]) => `${key}:${value}`).join(",")}}`;
      }
      case "[": {
        at += 1;
        const items: string[] = [];
        takeItems("]", () => items.push(takeValue()));
        return `[${items.join(",")}]`;
      }
      default:
        return takeScalar();
    }
  };

  const written = takeValue();
  take(space);
  if (at < text.length || !isJson(written)) throw notJson();
  return written;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // Its message quotes the text.
    return false;
  }
}

function notJson(): SyntaxError {
  return new SyntaxError("The body is no JSON.");
}
