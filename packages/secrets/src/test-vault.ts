import { createKeyRing, type KeyRingKey } from "./key-ring.ts";
import { createVault, type Vault } from "./vault.ts";
import type { SealContext } from "./context.ts";

/** A master key of 32 bytes that is the same for the same number, so that a failing test can be repeated. */
export function masterKey(seed: number): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, index) => (seed * 31 + index * 7 + 1) & 0xff);
}

/** A key of a ring, with `masterKey(seed)`. */
export function ringKey(id: string, seed: number, status: KeyRingKey["status"] = "active"): KeyRingKey {
  return { id, secret: masterKey(seed), status };
}

/** A vault on these keys; on one active key when none are given. */
export function vaultOf(...keys: KeyRingKey[]): Vault {
  return createVault({ keyRing: createKeyRing({ keys: keys.length > 0 ? keys : [ringKey("k1", 1)] }) });
}

/** A context, with what a test is about. */
export function contextOf(own: Partial<SealContext> = {}): SealContext {
  return {
    purpose: "provider-key",
    account: "acme",
    provider: "anthropic",
    record: "row-1",
    version: 1,
    ...own,
  };
}
