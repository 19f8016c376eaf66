import {
  fullJitter,
  scrubText,
  type DropletApiError,
  type DropletApiReason,
  type ProvisionRecord,
  type ProvisionTrouble,
} from "@lobstercontrol/core";
import type { Settings } from "./settings.ts";

/** What no waiting mends: it takes a person. */
const permanent: ReadonlySet<DropletApiReason> = new Set<DropletApiReason>([
  "unauthorized",
  "limitReached",
  "invalid",
]);

/** Whether a droplet that was refused for this would be refused again. */
export const isPermanent = ({ reason }: DropletApiError): boolean => permanent.has(reason);

/** What is noted of a call that went wrong: the next one waits, longer each time, and never less than DigitalOcean wants. */
export function troubleOf(
  record: ProvisionRecord,
  error: DropletApiError,
  settings: Settings,
): ProvisionTrouble {
  const { backoff, clock, random } = settings;
  const count = (record.trouble?.count ?? 0) + 1;
  // Never nothing at all, or several who fail together would hammer.
  const waitMs = Math.max(backoff.baseMs / 2, fullJitter(count, backoff, random), error.retryAfterMs ?? 0);
  return {
    count,
    reason: error.reason,
    message: safeMessage(error),
    notBefore: clock.now() + Math.ceil(waitMs),
  };
}

/** What the account's admin may read (promise 12): DigitalOcean's own words only where they are about the account's spec. */
export function safeMessage(error: DropletApiError): string {
  return messages[error.reason] ?? scrubText(error.message).slice(0, 300);
}

const messages: Partial<Record<DropletApiReason, string>> = {
  unreachable: "DigitalOcean could not be reached.",
  unauthorized: "DigitalOcean did not accept the platform's token.",
  rateLimited: "DigitalOcean takes no more calls for the moment.",
  limitReached: "The platform has as many droplets as DigitalOcean allows it.",
  conflict: "DigitalOcean was busy with the same thing.",
  unavailable: "DigitalOcean does not work at the moment.",
  timeout: "DigitalOcean did not answer in time.",
  garbled: "DigitalOcean gave an answer that could not be read.",
};
