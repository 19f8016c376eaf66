import { refuse } from "./refuse.ts";

/** Refuses what a header cannot carry, before the platform does so with an error that quotes it. */
export function headerValue(field: string, value: string): string {
  if (!/^[\x21-\x7e]+$/.test(value)) refuse(field, "must be visible ASCII without spaces, and not empty");
  return value;
}
