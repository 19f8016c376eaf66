import { InvalidInputError, limits, type Actor, type Clock } from "@lobstercontrol/core";
import { EnvelopeRejectedError } from "../errors.ts";
import type { SecretRecord, SecretStore } from "../secret-store.ts";
import type { Vault } from "../vault.ts";
import { contextOf, purpose } from "./context.ts";

/** How everything is rewrapped. */
export interface RewrapAllOptions {
  /** How many records to read at once: 100 by default. */
  batch?: number;
  /** Where an earlier call got to, from its last progress; nothing for the beginning. */
  cursor?: string;
  /** Called after each batch, and waited for: store the cursor, and a crash costs no more than one batch. */
  onProgress?: (progress: RewrapProgress) => void | Promise<void>;
  /** Who stands in the activities: `operator` by default. */
  actor?: Actor;
}

/** How far rewrapping has come. */
export interface RewrapProgress {
  /** Hand it in as `cursor` to go on from here; null before the first record. */
  cursor: string | null;
  /** Records that this call has looked at. */
  seen: number;
  /** Those of them that are now under the active key and were not. */
  rewrapped: number;
  /** Those that could not be opened; `doctor` tells which. */
  rejected: number;
}

/**
 * Brings every record under the active key, one at a time: stop it anywhere, and all that is stored still opens.
 * What is under the active key already is left alone, so that starting again from the beginning costs no more than reading.
 */
export async function rewrapAll(
  { vault, store, clock }: { vault: Vault; store: SecretStore; clock: Clock },
  { batch = 100, cursor, onProgress, actor = { id: "operator" } }: RewrapAllOptions,
): Promise<RewrapProgress> {
  if (!Number.isInteger(batch) || batch < 1 || batch > limits.page)
    throw new InvalidInputError({
      field: "batch",
      problem: `must be a whole number from 1 to ${limits.page}`,
    });
  const progress: RewrapProgress = { cursor: cursor ?? null, seen: 0, rewrapped: 0, rejected: 0 };

  async function rewrapOne(record: SecretRecord): Promise<void> {
    progress.seen += 1;
    try {
      if (!vault.needsRewrap(record.envelope)) return;
      const context = contextOf(record);
      const key = await vault.open(record.envelope, context);
      const envelope = await vault.seal(key, context);
      const fingerprint = await vault.fingerprint(key, { purpose, account: record.account });
      const activity = {
        type: "secret_rewrapped",
        actor: actor.id,
        subject: record.provider,
        at: clock.now(),
      };
      // A key that was replaced or removed meanwhile is left as it is: whoever did that sealed it anew.
      if (await store.rewrap({ ...record, envelope, fingerprint }, record.envelope, activity))
        progress.rewrapped += 1;
    } catch (error) {
      // What is wrong with one record; a store that fails ends it all.
      if (!EnvelopeRejectedError.isInstance(error) && !InvalidInputError.isInstance(error)) throw error;
      progress.rejected += 1;
    }
  }

  for (;;) {
    const records = await store.page({ after: progress.cursor, limit: batch });
    for (const record of records) await rewrapOne(record);
    progress.cursor = records.at(-1)?.id ?? progress.cursor;
    if (records.length > 0) await onProgress?.({ ...progress });
    if (records.length < batch) return progress;
  }
}
