/**
 * Data as YAML, in the form of JSON, which YAML is a superset of. A value cannot become anything but a value, and no library
 * has to be trusted with that. Whatever is not ASCII is escaped: JSON leaves it as it is, and the reader of YAML 1.1 in
 * cloud-init refuses some of it (DEL, C1 controls) and takes some for an end of line.
 *
 * @param data what JSON can write, without halves of surrogate pairs
 */
export function toYaml(data: unknown): string {
  return `${JSON.stringify(data, null, 2).replace(/[^\n -~]/gu, escape)}\n`;
}

function escape(character: string): string {
  const codePoint = character.codePointAt(0) ?? 0;
  // JSON writes two halves for what is above, and readers of YAML take those for two characters.
  return codePoint > 0xff_ff
    ? `\\U${codePoint.toString(16).padStart(8, "0")}`
    : `\\u${codePoint.toString(16).padStart(4, "0")}`;
}
