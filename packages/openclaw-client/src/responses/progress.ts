import type { Clock } from "@lobstercontrol/core";
import type { OpenClawErrorDetails } from "../errors/open-claw-error.ts";
import type { Redact } from "../redact.ts";
import type { Stop } from "../stop.ts";

/** One run while it is under way. */
export interface Progress {
  clock: Clock;
  stop: Stop;
  /** How long the gateway may be silent; undefined for as long as the total time. */
  idleTimeoutMs: number | undefined;
  /** Every text of the gateway goes through it before it goes into an error. */
  redact: Redact;
  /** What is known by now, as it came; it has a status as soon as the headers of an answer have come. */
  seen: Pick<OpenClawErrorDetails, "status" | "requestId" | "responseId">;
}

/** What is known by now, for an error. */
export function detailsOf({ seen, redact }: Progress): Progress["seen"] {
  const { requestId, responseId } = seen;
  return { ...seen, requestId: safeName(requestId, redact), responseId: safeName(responseId, redact) };
}

/** A name that the gateway gives: an id, a type, a code. What looks like anything else is dropped. */
export function safeName(name: string | null | undefined, redact: Redact): string | null {
  if (typeof name !== "string" || !/^[\w.:-]{1,128}$/.test(name)) return null;
  return redact(name) === name ? name : null;
}
