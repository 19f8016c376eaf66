import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeDurably } from "../write-durably.ts";

/**
 * The name of this machine's runtime: the same at each start, so that a new process takes its predecessor's leases over at
 * once.
 *
 * @param stateDir where it is kept; null for a new one at each start
 */
export async function keepWorkerId(stateDir: string | null): Promise<string> {
  const made = `worker-${randomUUID()}`;
  if (stateDir === null) return made;
  const path = join(stateDir, "worker-id");
  const kept = await readFile(path, "utf8").catch(() => "");
  if (/^[\w.-]{1,256}$/.test(kept.trim())) return kept.trim();
  await writeDurably(path, `${made}\n`);
  return made;
}
