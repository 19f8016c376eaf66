import type { AccountId } from "../ids.ts";
import type { Secret } from "../secret.ts";

/** Who a droplet is, once it has exchanged its bootstrap token. */
export interface RuntimeIdentity {
  /** Whose runtime it is. */
  account: AccountId;
}

/**
 * What a droplet may do on its first boot, with its bootstrap token as the only credential. The token belongs to one attempt
 * to create the droplet, and is good until that attempt is decided or its deadline passes.
 */
export interface BootstrapPort {
  /**
   * Exchanges the single-use bootstrap token for a service token that the droplet made itself, of which it sends only the
   * SHA-256 (lower-case hex). The same hash again succeeds, as long as the droplet is the account's: an answer was lost, or
   * the droplet was restarted. Another hash is refused, with an activity.
   *
   * `dropletId` is what DigitalOcean's metadata service says to the droplet. Should there be several droplets with one
   * token, the one that called home stays.
   *
   * @throws `ERR_BOOTSTRAP_TOKEN`
   */
  exchange(request: {
    bootstrapToken: Secret;
    serviceTokenHash: string;
    dropletId?: number;
  }): Promise<RuntimeIdentity>;
  /**
   * Reports a phase of the first boot: 1 to 64 letters, digits, spaces, `_`, `.` and `-`. Of `stderrTail` the last 4 KiB are
   * kept, scrubbed. With `ok: false` the droplet says that it has given up: provisioning fails at once.
   *
   * @throws `ERR_BOOTSTRAP_TOKEN`
   */
  phase(request: { bootstrapToken: Secret; phase: string; ok: boolean; stderrTail?: string }): Promise<void>;
}
