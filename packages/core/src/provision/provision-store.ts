import type { AccountId } from "../ids.ts";
import type { ProvisionRecord, ProvisionState } from "./record.ts";
import type { ProvisionChange } from "./transition.ts";

/**
 * Where a control plane keeps what is known of the accounts' droplets. `provisionStoreSuite` of
 * `@lobstercontrol/core/testing` checks that an implementation keeps to what is said here.
 */
export interface ProvisionStore {
  /** What is known of an account's droplet; null when it never had one. */
  read(account: AccountId): Promise<ProvisionRecord | null>;
  /**
   * Stores a record, its activities, and what follows from it for the account's service tokens, in one transaction: each of
   * `serviceTokensOf(record)` that is new becomes a good token, created by `bootstrap`, and every other one of that origin is
   * revoked. One that was revoked before stays so.
   *
   * @param change the record with the revision that it is to have: one more than it was read with
   * @returns false when the stored revision is not that (any more); nothing was stored then
   * @throws `ERR_NOT_FOUND` when there is no such account, or it is closed and the record wants a droplet
   * @throws `ERR_INVALID_INPUT` when a service token belongs to another account
   */
  write(change: ProvisionChange): Promise<boolean>;
  /**
   * Some records of all accounts, by account.
   *
   * @param page `after`: the account of the last one of the page before, null for the beginning; `limit`: the most to give;
   *   `state`: gives none but those that are stored in it
   */
  page(page: {
    after: AccountId | null;
    limit: number;
    state?: ProvisionState | undefined;
  }): Promise<ProvisionRecord[]>;
  /** The record that has an attempt with this hash of a bootstrap token; null when there is none. */
  byBootstrapToken(hash: string): Promise<ProvisionRecord | null>;
}

/**
 * All records of a store, or those in some states, a page at a time.
 *
 * @param store where they are
 * @param states which; one state after another, so that a record that changes meanwhile may come twice or not at all
 */
export async function* allRecords(
  store: Pick<ProvisionStore, "page">,
  states?: readonly ProvisionState[],
): AsyncGenerator<ProvisionRecord> {
  for (const state of states ?? [undefined]) {
    for (let after: AccountId | null = null; ;) {
      const records: ProvisionRecord[] = await store.page({ after, limit: 200, state });
      yield* records;
      const last = records.at(-1);
      if (last === undefined) break;
      after = last.account;
    }
  }
}
