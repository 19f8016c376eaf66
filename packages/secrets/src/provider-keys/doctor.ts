import { LobsterError } from "@lobstercontrol/core";
import type { SecretRecord, SecretStore } from "../secret-store.ts";
import type { Vault } from "../vault.ts";
import { contextOf } from "./context.ts";
import { looksLikeKey } from "./key-form.ts";

/** Something that the doctor found. It holds no key, and no part of one. */
export interface DoctorFinding {
  /**
   * - `undecryptable`: a record that does not open with this key ring
   * - `oldKey`: a record that opens and is not under the active key; `rewrapAll` mends it
   * - `plaintext`: a text in clear that has something in it that looks like a provider key
   */
  problem: "undecryptable" | "oldKey" | "plaintext";
  /** Whose it is; null when it belongs to none. */
  account: string | null;
  /** Where it is. */
  place: string;
}

/** What the doctor saw. */
export interface DoctorReport {
  /** How many records there are. */
  records: number;
  /** How many records name which key; a key that is not here seals nothing that is stored, and may be dropped. */
  recordsByKey: Record<string, number>;
  /** How many findings there are of each kind. */
  found: Record<DoctorFinding["problem"], number>;
  /** The findings themselves, at most 1,000. */
  findings: DoctorFinding[];
}

const pageOf = 100;
const shown = 1_000;

/** Opens every record, looks at every text, and changes nothing. Nobody sees what is opened, so it is no reveal. */
export async function doctor({ vault, store }: { vault: Vault; store: SecretStore }): Promise<DoctorReport> {
  const report: DoctorReport = {
    records: 0,
    recordsByKey: {},
    found: { undecryptable: 0, oldKey: 0, plaintext: 0 },
    findings: [],
  };
  const find = (problem: DoctorFinding["problem"], account: string | null, place: string): void => {
    report.found[problem] += 1;
    if (report.findings.length < shown) report.findings.push({ problem, account, place });
  };

  for await (const record of recordsOf(store)) {
    report.records += 1;
    const keyId = keyIdOf(vault, record.envelope);
    if (keyId !== null) report.recordsByKey[keyId] = (report.recordsByKey[keyId] ?? 0) + 1;
    const problem = await examine(vault, record);
    if (problem !== null) find(problem, record.account, `provider key ${record.provider} (${record.id})`);
  }
  for await (const { account, place, text } of store.texts?.() ?? [])
    if (looksLikeKey(text)) find("plaintext", account, place);
  return report;
}

async function examine(vault: Vault, record: SecretRecord): Promise<DoctorFinding["problem"] | null> {
  try {
    await vault.open(record.envelope, contextOf(record));
    return vault.needsRewrap(record.envelope) ? "oldKey" : null;
  } catch (error) {
    if (!LobsterError.isInstance(error)) throw error;
    return looksLikeKey(record.envelope) && keyIdOf(vault, record.envelope) === null
      ? "plaintext"
      : "undecryptable";
  }
}

function keyIdOf(vault: Vault, envelope: string): string | null {
  try {
    return vault.inspect(envelope).keyId;
  } catch {
    return null;
  }
}

async function* recordsOf(store: SecretStore): AsyncIterable<SecretRecord> {
  let after: string | null = null;
  for (;;) {
    const records: SecretRecord[] = await store.page({ after, limit: pageOf });
    yield* records;
    if (records.length < pageOf) return;
    after = records.at(-1)!.id;
  }
}
