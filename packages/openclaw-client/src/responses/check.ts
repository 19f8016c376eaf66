import { refuse } from "../refuse.ts";

/** Refuses a value by the name of its field; the value itself is not repeated. */
export type Check = (value: unknown, field: string) => void;

const check =
  (holds: (value: unknown) => boolean, problem: string): Check =>
  (value, field) => {
    if (!holds(value)) refuse(field, problem);
  };

export const anything: Check = () => {};
export const text = check((value) => typeof value === "string", "must be a text");
export const filled = check(
  (value) => typeof value === "string" && value !== "",
  "must be a text, not empty",
);
export const url = check((value) => typeof value === "string" && URL.canParse(value), "must be a URL");
export const whole = check(
  (value) => Number.isInteger(value) && Number(value) > 0,
  "must be a whole number above 0",
);

export const between = (least: number, most: number): Check =>
  check(
    (value) => typeof value === "number" && value >= least && value <= most,
    `must be a number from ${least} to ${most}`,
  );

export const oneOf = (...values: string[]): Check =>
  check((value) => values.includes(value as string), `must be one of ${values.join(", ")}`);

/** An object with these fields and no others. A name that ends in `?` may be left out. */
export function object(fields: Readonly<Record<string, Check>>): Check {
  const known = Object.entries(fields).map(([name, inner]): [string, Check, boolean] =>
    name.endsWith("?") ? [name.slice(0, -1), inner, true] : [name, inner, false],
  );
  const names = new Set(known.map(([name]) => name));
  return (value, field) => {
    const given = entriesOf(value, field);
    for (const name of Object.keys(given))
      if (!names.has(name)) refuse(field, `has no field ${JSON.stringify(name.slice(0, 64))}`);
    for (const [name, inner, isOptional] of known)
      if (!isOptional || given[name] !== undefined) inner(given[name], `${field}.${name}`);
  };
}

/** An object of which `type` tells what other fields it has. */
export function byType(fields: Readonly<Record<string, Readonly<Record<string, Check>>>>): Check {
  const type = oneOf(...Object.keys(fields));
  const forms: Record<string, Check> = {};
  for (const [name, others] of Object.entries(fields)) forms[name] = object({ type, ...others });
  return (value, field) => {
    const given = entriesOf(value, field)["type"];
    type(given, `${field}.type`);
    forms[given as string]?.(value, field);
  };
}

export const record =
  (inner: Check): Check =>
  (value, field) => {
    for (const [name, each] of Object.entries(entriesOf(value, field))) inner(each, `${field}.${name}`);
  };

export const list =
  (inner: Check, least = 0): Check =>
  (value, field) => {
    if (!Array.isArray(value) || value.length < least) refuse(field, "must be a list, not empty");
    for (const [at, each] of (value as unknown[]).entries()) inner(each, `${field}.${at}`);
  };

/** A text by the one rule, anything else by the other. */
export const textOr =
  (ofText: Check, ofOther: Check): Check =>
  (value, field) =>
    (typeof value === "string" ? ofText : ofOther)(value, field);

function entriesOf(value: unknown, field: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) refuse(field, "must be an object");
  return value as Record<string, unknown>;
}
