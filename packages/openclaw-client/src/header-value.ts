import { InvalidInputError } from "@lobstercontrol/core";

/** Refuses what a header cannot carry, before the platform does so with an error that quotes it. */
export function headerValue(field: string, value: string): string {
  if (!/^[\x21-\x7e]+$/.test(value))
    throw new InvalidInputError({ field, problem: "must be visible ASCII without spaces, and not empty" });
  return value;
}
