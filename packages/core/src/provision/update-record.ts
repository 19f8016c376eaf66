import { ProvisionConflictError } from "./errors.ts";
import type { ProvisionStore } from "./provision-store.ts";
import type { ProvisionRecord } from "./record.ts";
import type { ProvisionChange } from "./transition.ts";

/** Each failure means that somebody else's change got through, so that even a few in a row are hardly ever met. */
const tries = 16;

/**
 * Reads a record, changes it, and stores it, as often as it takes.
 *
 * @param store where it is
 * @param read finds the record
 * @param change says what becomes of it; may throw, and is called again when somebody else was faster
 * @returns what `change` returned
 * @throws {ProvisionConflictError} `ERR_PROVISION_CONFLICT` when somebody else was faster each time
 */
export async function updateRecord<Change extends ProvisionChange | null>(
  store: ProvisionStore,
  read: () => Promise<ProvisionRecord | null>,
  change: (record: ProvisionRecord | null) => Change,
): Promise<Change> {
  for (let attempt = 0; attempt < tries; attempt++) {
    const record = await read();
    const changed = change(record);
    if (changed === null || changed.record === record) return changed;
    if (await storeChange(store, changed)) return changed;
  }
  throw new ProvisionConflictError();
}

/**
 * Stores a change of the record that was read, unless somebody else was faster.
 *
 * @param store where it is
 * @param change as a rule returned it: with the revision that was read
 * @returns false when somebody else was
 */
export function storeChange(
  store: ProvisionStore,
  { record, activities }: ProvisionChange,
): Promise<boolean> {
  return store.write({ record: { ...record, revision: record.revision + 1 }, activities });
}
