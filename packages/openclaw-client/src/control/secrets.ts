import { createHash, timingSafeEqual } from "node:crypto";
import { InvalidInputError, type Secret } from "@lobstercontrol/core";
import { z } from "zod";
import type { Call } from "./connection.ts";
import type { SecretsReload } from "./types.ts";

const reloaded = z.object({ warningCount: z.number() });
const resolved = z.object({
  assignments: z.array(z.object({ pathSegments: z.array(z.string()), value: z.unknown() })),
});

/** See `GatewayControl.reloadSecrets`. */
export async function reloadSecrets(call: Call): Promise<SecretsReload> {
  const { warningCount } = await call("secrets.reload", {}, reloaded);
  return { warnings: warningCount };
}

/** See `GatewayControl.proveSecret`. */
export async function proveSecret(call: Call, path: string, expected: Secret): Promise<boolean> {
  const provider = /^models\.providers\.([^.*]+)\.apiKey$/.exec(path)?.[1];
  if (provider === undefined)
    throw new InvalidInputError({ field: "path", problem: "is not models.providers.<id>.apiKey" });
  const { assignments } = await call(
    "secrets.resolve",
    { commandName: "lobstercontrol", targetIds: ["models.providers.*.apiKey"], allowedPaths: [path] },
    resolved,
  );
  const [first, ...others] = assignments.filter(({ pathSegments }) => pathSegments.join(".") === path);
  return others.length === 0 && typeof first?.value === "string" && areEqual(first.value, expected.reveal());
}

/** Digests are of one length, as the comparison wants it; comparing texts would tell the length of the secret. */
function areEqual(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
