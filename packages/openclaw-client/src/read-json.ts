import type { Clock } from "@lobstercontrol/core";
import { readWithin } from "./responses/read-pieces.ts";
import type { Stop } from "./stop.ts";

/** Far more than the gateway has to say about itself. */
const maxCharacters = 256 * 1024;

/** What an answer holds. Throws when there is none, or it is no JSON, is too long or does not come in time. */
export async function readJson(
  answer: Response | null,
  { clock }: { clock: Clock },
  stop: Stop,
): Promise<unknown> {
  return JSON.parse((await readWithin(maxCharacters, answer?.body, { clock, stop })) ?? "");
}
