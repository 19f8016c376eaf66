import type { Activity } from "@lobstercontrol/core";

/** A provider key as it is stored: sealed, with what may be shown of it. */
export interface SecretRecord {
  /** Names the row. It stays when the key is replaced. */
  id: string;
  /** Whose it is. */
  account: string;
  /** Whose key it is. An account has at most one record of each provider. */
  provider: string;
  /** The keys generation in which it was stored. It is part of the envelope's context, so that an old envelope put back is refused. */
  version: number;
  /** The sealed key. */
  envelope: string;
  /** The last four characters of the key; empty for a short one. */
  last4: string;
  /** See `Vault.fingerprint`. */
  fingerprint: string;
  /** When it was stored, in milliseconds since the epoch. */
  updatedAt: number;
  /** Who stored it. */
  updatedBy: string;
}

/** How far the provider keys of an account have come; each is a keys generation, 0 for none yet. */
export interface KeysGenerations {
  /** Grows with each change of any of them. */
  stored: number;
  /** What the gateway is proven to hold. */
  active: number;
  /** What a run has used. */
  confirmed: number;
}

/** What is to be added to an account's audit log; the store gives it an id. */
export type SecretActivity = Omit<Activity, "id">;

/** A text that a control plane holds in clear. */
export interface StoredText {
  /** Whose it is; null when it belongs to none. */
  account: string | null;
  /** Where it is, for people: a table, a column, an id. */
  place: string;
  /** The text. */
  text: string;
}

/**
 * Where sealed provider keys are kept. Every call is one transaction: all of it is stored, or nothing. `secretStoreSuite`
 * of `@lobstercontrol/secrets/testing` checks that an implementation keeps to what is said here.
 */
export interface SecretStore {
  /** What an account has, read at one moment; records by provider, in alphabetical order. An unknown account has nothing. */
  read(account: string): Promise<{ generations: KeysGenerations; records: SecretRecord[] }>;
  /**
   * Stores a record in place of the one of the same account and provider, makes its version the stored keys generation,
   * and adds the activity.
   *
   * @returns false when the stored keys generation is not `record.version - 1` (any more); nothing was stored then
   * @throws `ERR_NOT_FOUND` when there is no such account
   */
  put(record: SecretRecord, activity: SecretActivity): Promise<boolean>;
  /**
   * Forgets the record of a provider, grows the stored keys generation, and adds the activity.
   *
   * @returns false when there is none; nothing was changed then
   */
  remove(account: string, provider: string, activity: SecretActivity): Promise<boolean>;
  /**
   * Puts a rewrapped envelope and its fingerprint in place, and adds the activity. The keys generation stays as it is.
   *
   * @param record as it is to be
   * @param envelope what it must still hold for that
   * @returns false when it holds something else by now, or is gone; nothing was changed then
   */
  rewrap(record: SecretRecord, envelope: string, activity: SecretActivity): Promise<boolean>;
  /** Adds activities of an account. */
  addActivities(account: string, activities: readonly SecretActivity[]): Promise<void>;
  /**
   * Some records of all accounts, by id.
   *
   * @param page `after`: the id of the last one of the page before, null for the beginning; `limit`: the most to give
   */
  page(page: { after: string | null; limit: number }): Promise<SecretRecord[]>;
  /** Every text that the control plane holds in clear and that people or gateways wrote, for the doctor to look at. */
  texts?(): AsyncIterable<StoredText>;
}
