import { z } from "zod";
import { accountId } from "../ids.ts";
import type { BootstrapPort, RuntimeIdentity } from "../ports/bootstrap.ts";
import type { Secret } from "../secret.ts";
import { bytesFor, defineCall } from "./call.ts";
import { label, noAnswer } from "./schemas.ts";

/** The port, and the token that came in the header. */
export interface BootstrapCaller {
  port: BootstrapPort;
  bootstrapToken: Secret;
}

const identity: z.ZodType<RuntimeIdentity> = z.object({ account: accountId });

/** Both may be repeated: the same hash again succeeds, and the same phase again is the same. */
export const bootstrapCalls = {
  exchange: defineCall("exchange", {
    request: z.strictObject({
      serviceTokenHash: z.string().regex(/^[0-9a-f]{64}$/, "must be a SHA-256 in lower-case hex"),
      dropletId: z.int().min(1).exactOptional(),
    }),
    answer: identity,
    run: ({ port, bootstrapToken }: BootstrapCaller, request) =>
      port.exchange({ bootstrapToken, ...request }),
    repeatable: true,
  }),
  phase: defineCall("phase", {
    request: z.strictObject({
      phase: label,
      ok: z.boolean(),
      stderrTail: z.string().max(32_768).exactOptional(),
    }),
    answer: noAnswer,
    run: ({ port, bootstrapToken }: BootstrapCaller, request) => port.phase({ bootstrapToken, ...request }),
    repeatable: true,
    // Each character may be three bytes, or six as JSON writes it.
    maxBytes: bytesFor(32_768),
  }),
} as const satisfies Record<keyof BootstrapPort, unknown>;
