import { z } from "zod";
import type { Clock } from "../clock.ts";
import { parse } from "../parse.ts";
import type { BootstrapPort } from "../ports/bootstrap.ts";
import type { Secret } from "../secret.ts";
import { BootstrapTokenError } from "./errors.ts";
import { exchangeToken, reportPhase } from "./home-call.ts";
import type { ProvisionStore } from "./provision-store.ts";
import type { ProvisionRecord } from "./record.ts";
import type { ProvisionChange } from "./transition.ts";
import { updateRecord } from "./update-record.ts";

const exchangeInput = z.object({
  serviceTokenHash: z.string().regex(/^[0-9a-f]{64}$/, "must be a SHA-256 in lower-case hex"),
  dropletId: z.int().min(1).optional(),
});
const phaseInput = z.object({
  phase: z.string().regex(/^[\w. -]{1,64}$/, "must be 1 to 64 of a-z, A-Z, 0-9, space, _, . and -"),
  ok: z.boolean(),
  stderrTail: z.string().optional(),
});

/**
 * What a droplet may do on its first boot, on any store.
 *
 * @param options where the records are, and whose time
 *
 * @example
 * ```ts
 * import { createBootstrapPort, systemClock, type ProvisionStore } from "@lobstercontrol/core";
 *
 * declare const store: ProvisionStore;
 * export const bootstrap = createBootstrapPort({ store, clock: systemClock });
 * ```
 */
export function createBootstrapPort(options: { store: ProvisionStore; clock: Clock }): BootstrapPort {
  const { store, clock } = options;

  async function call(
    bootstrapToken: Secret,
    apply: (record: ProvisionRecord, hash: string) => ProvisionChange & { accepted: boolean },
  ): Promise<ProvisionRecord> {
    const hash = await hashToken(bootstrapToken);
    const change = await updateRecord(
      store,
      () => store.byBootstrapToken(hash),
      (record) => (record === null ? null : apply(record, hash)),
    );
    if (change === null || !change.accepted) throw new BootstrapTokenError();
    return change.record;
  }

  return {
    async exchange({ bootstrapToken, ...input }) {
      const { serviceTokenHash, dropletId = null } = parse(exchangeInput, input, "exchange");
      const record = await call(bootstrapToken, (found, bootstrapTokenHash) =>
        exchangeToken(found, { bootstrapTokenHash, serviceTokenHash, dropletId }, clock.now()),
      );
      return { account: record.account };
    },
    async phase({ bootstrapToken, ...input }) {
      const { phase, ok, stderrTail = "" } = parse(phaseInput, input, "phase");
      await call(bootstrapToken, (found, bootstrapTokenHash) =>
        reportPhase(found, { bootstrapToken, bootstrapTokenHash, phase, ok, stderrTail }, clock.now()),
      );
    },
  };
}

/**
 * What is stored of a token: its SHA-256, in lower-case hex. A plain hash will do, since a token has 256 random bits.
 *
 * @param token a bootstrap token or a service token
 */
export async function hashToken(token: Secret): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token.reveal()));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
