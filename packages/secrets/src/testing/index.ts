/**
 * For tests: a store in memory, and the suite that every store passes (needs vitest).
 *
 * @packageDocumentation
 */
export { createMemorySecretStore, type MemorySecretStore } from "./memory-secret-store.ts";
export { secretStoreSuite, type SecretStoreFixture } from "./secret-store-suite.ts";
