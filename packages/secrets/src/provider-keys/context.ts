import type { SealContext } from "../context.ts";
import type { SecretRecord } from "../secret-store.ts";

/** What the subkeys of provider keys are for. */
export const purpose = "provider-key";

/** What the envelope of a record is bound to. */
export function contextOf({
  account,
  provider,
  id,
  version,
}: Pick<SecretRecord, "account" | "provider" | "id" | "version">): SealContext {
  return { purpose, account, provider, record: id, version };
}
