import type { AccountId } from "../ids.ts";
import type { Secret } from "../secret.ts";

/** Who a droplet is, once it has exchanged its bootstrap token. */
export interface RuntimeIdentity {
  /** Whose runtime it is. */
  account: AccountId;
}

/** What a droplet may do on its first boot, with its bootstrap token as the only credential. */
export interface BootstrapPort {
  /**
   * Exchanges the single-use bootstrap token for a service token that the droplet made itself, of which it sends only the
   * SHA-256 (lower-case hex). The same hash again succeeds; another hash is refused, with an activity.
   */
  exchange(request: { bootstrapToken: Secret; serviceTokenHash: string }): Promise<RuntimeIdentity>;
  /** Reports a phase of the first boot; `stderrTail` is scrubbed and bounded. */
  phase(request: { bootstrapToken: Secret; phase: string; ok: boolean; stderrTail?: string }): Promise<void>;
}
