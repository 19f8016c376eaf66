import type { DropletApiOutcome, DropletApiReason } from "@lobstercontrol/core";
import type { z } from "zod";
import type { refusal } from "./answers.ts";

/** What a status other than 2xx means. */
export interface Verdict {
  outcome: DropletApiOutcome;
  reason: DropletApiReason;
}

/** The answers that mean that there is no room now, or no room here. DigitalOcean has no code for it. */
const noCapacity = [
  /\b(?:size|region)s? (?:is|are) (?:not|currently not|temporarily not|no longer) available\b/i,
  /\b(?:size|region)s? (?:is|are) (?:currently |temporarily )?unavailable\b/i,
  /\b(?:insufficient|not enough|no|out of) capacity\b/i,
  /\bsold out\b/i,
];
const limitReached = /\bdroplet limit\b/i;
/** Something else is going on, or was first. */
const conflict = /\bpending event\b|\bduplicate name\b|\balready (?:exists|in use|(?:been )?taken)\b/i;

/**
 * What a status other than 2xx means. A 4xx is DigitalOcean's word that it did nothing. After a 5xx, or what is no word of
 * DigitalOcean's, nobody knows.
 */
export function verdictOf(status: number, answer: z.infer<typeof refusal> | null): Verdict {
  switch (status) {
    case 401:
    case 403:
      return { outcome: "refused", reason: "unauthorized" };
    case 404:
      // Of DigitalOcean's own word for it `exchange` makes null. This came from somewhere else.
      return { outcome: "unknown", reason: "garbled" };
    case 408:
      return { outcome: "unknown", reason: "timeout" };
    case 409:
    case 412:
    case 423:
      return { outcome: "refused", reason: "conflict" };
    case 429:
      return { outcome: "refused", reason: "rateLimited" };
    default:
      if (status >= 500) return { outcome: "unknown", reason: "unavailable" };
      if (status >= 400) return { outcome: "refused", reason: reasonOf(answer) };
      return { outcome: "unknown", reason: "garbled" };
  }
}

function reasonOf(answer: z.infer<typeof refusal> | null): DropletApiReason {
  const message = answer?.message ?? answer?.error ?? "";
  if (limitReached.test(message)) return "limitReached";
  // Told where else there is room.
  if (answer?.error_attributes?.["available_regions"] !== undefined) return "noCapacity";
  if (noCapacity.some((pattern) => pattern.test(message))) return "noCapacity";
  return conflict.test(message) ? "conflict" : "invalid";
}
