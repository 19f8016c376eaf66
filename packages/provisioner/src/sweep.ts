import {
  allRecords,
  keptDroplet,
  type AccountId,
  type Droplet,
  type ProvisionRecord,
  type SweepReport,
} from "@lobstercontrol/core";
import type { Settings } from "./settings.ts";

/** What the records say of all nonces. */
async function readFleet(settings: Settings): Promise<{
  records: ProvisionRecord[];
  ownerOf(droplet: Droplet): ProvisionRecord | null;
}> {
  const records: ProvisionRecord[] = [];
  const byNonce = new Map<string, ProvisionRecord>();
  for await (const record of allRecords(settings.store)) {
    records.push(record);
    for (const { nonce } of record.attempts) byNonce.set(nonce, record);
  }
  return { records, ownerOf: (droplet) => byNonce.get(settings.tags.nonceOf(droplet) ?? "") ?? null };
}

/** Whether reconcile will see to a droplet by itself. */
function isLookedAfter(record: ProvisionRecord, { id }: Droplet): boolean {
  return (
    keptDroplet(record)?.id === id ||
    record.attempts.some(({ droplets }) => droplets.some((droplet) => droplet.id === id && !droplet.gone)) ||
    // It may be the one that was just asked for.
    record.attempts.some(({ decided, sentAt }) => decided === null && sentAt !== null)
  );
}

/** Compares all droplets with all records: one list, and no change. */
export async function sweep(settings: Settings): Promise<SweepReport> {
  const { api, clock, tags, timing } = settings;
  const lookedAt = clock.now();
  const droplets = await api.listDroplets(tags.all);
  const { records, ownerOf } = await readFleet(settings);
  const there = new Set(droplets.map(({ id }) => id));
  return {
    strays: droplets.flatMap((droplet) => {
      const owner = ownerOf(droplet);
      if (owner !== null && isLookedAfter(owner, droplet)) return [];
      return [{ droplet, account: owner?.account ?? null }];
    }),
    orphans: records.flatMap((record): AccountId[] => {
      const kept = keptDroplet(record);
      const attempt = record.attempts.at(-1);
      const isFresh = lookedAt < (attempt?.sentAt ?? 0) + timing.settleMs;
      return kept === null || there.has(kept.id) || isFresh ? [] : [record.account];
    }),
  };
}

/** Deletes strays, each only when it is proven by then that it is ours and nobody's. */
export async function removeStrays(
  settings: Settings,
  ids: readonly number[],
): Promise<{ removed: number[]; refused: number[] }> {
  const { api, logger } = settings;
  const { ownerOf } = await readFleet(settings);
  const result: { removed: number[]; refused: number[] } = { removed: [], refused: [] };
  for (const id of new Set(ids)) {
    const droplet = await api.getDroplet(id);
    const owner = droplet && ownerOf(droplet);
    if (droplet === null || owner === null || isLookedAfter(owner, droplet)) {
      result.refused.push(id);
      continue;
    }
    await api.deleteDroplet(id);
    logger.info({ account: owner.account, droplet: id }, "Deleted a stray droplet.");
    result.removed.push(id);
  }
  return result;
}
