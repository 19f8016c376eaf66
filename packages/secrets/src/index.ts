/**
 * AES-256-GCM envelopes for provider keys: a vault, its key ring, rotation, and what keeps the keys of accounts. WebCrypto
 * only.
 *
 * @packageDocumentation
 */
export type { SealContext, SubkeyContext } from "./context.ts";
export type { WebCryptoKey } from "./crypto-key.ts";
export {
  EnvelopeRejectedError,
  KeyRingInvalidError,
  ProviderKeyConflictError,
  VaultMissingError,
} from "./errors.ts";
export { keyRingFromEnv, type Env } from "./key-ring-from-env.ts";
export {
  createKeyRing,
  type KeyRing,
  type KeyRingKey,
  type KeyRingOptions,
  type KeyStatus,
} from "./key-ring.ts";
export { generateMasterKey } from "./master-key.ts";
export {
  createProviderKeys,
  type ProviderKeyOf,
  type ProviderKeys,
  type ProviderKeysOptions,
} from "./provider-keys/create-provider-keys.ts";
export type { DoctorFinding, DoctorReport } from "./provider-keys/doctor.ts";
export { providerKeysFromEnv } from "./provider-keys/from-env.ts";
export { probeProviderKey, type ProbeOptions, type ProbeVerdict } from "./provider-keys/probe.ts";
export { keyState } from "./provider-keys/state.ts";
export type { RewrapAllOptions, RewrapProgress } from "./provider-keys/rewrap-all.ts";
export type { MaybeSecret } from "./revealed.ts";
export type {
  KeysGenerations,
  SecretActivity,
  SecretRecord,
  SecretStore,
  StoredText,
} from "./secret-store.ts";
export { createVault, type EnvelopeInfo, type Plaintext, type Vault, type VaultOptions } from "./vault.ts";
