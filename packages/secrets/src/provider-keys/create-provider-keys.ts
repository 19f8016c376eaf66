import {
  accountId,
  NotFoundError,
  parse,
  silentLogger,
  systemClock,
  type Actor,
  type Clock,
  type Logger,
  type ProviderKeyInfo,
  type ProviderKeySet,
} from "@lobstercontrol/core";
import { EnvelopeRejectedError, ProviderKeyConflictError } from "../errors.ts";
import { revealed, type MaybeSecret } from "../revealed.ts";
import type { KeysGenerations, SecretActivity, SecretRecord, SecretStore } from "../secret-store.ts";
import type { Vault } from "../vault.ts";
import { contextOf, purpose } from "./context.ts";
import { doctor, type DoctorReport } from "./doctor.ts";
import { lastFour, readKey, readProvider } from "./key-form.ts";
import { probeProviderKey, type ProbeVerdict } from "./probe.ts";
import { rewrapAll, type RewrapAllOptions, type RewrapProgress } from "./rewrap-all.ts";
import { keyState } from "./state.ts";

/** How provider keys are kept. */
export interface ProviderKeysOptions {
  /** What seals and opens them. */
  vault: Vault;
  /** Where they are stored. */
  store: SecretStore;
  /** Served to accounts that have stored no key of their own; see `providerKeysFromEnv`. */
  fallbackKeys?: ProviderKeySet["keys"];
  /** Whose time. */
  clock?: Clock;
  /** Reaches providers, for probes alone. */
  fetch?: typeof fetch;
  /** Where warnings go; nothing secret among them. */
  logger?: Logger;
}

/** One provider key of one account, and who acts. */
export interface ProviderKeyOf {
  /** Whose it is. */
  account: string;
  /** Such as `anthropic`; any other name of `a-z 0-9 - _` is a custom provider. */
  provider: string;
  /** Who acts, for the activities. */
  actor: Actor;
}

/** The provider keys of all accounts. Whoever calls has authorised the actor for the account. */
export interface ProviderKeys {
  /**
   * Stores a key, or replaces it: trimmed, checked for the form of its provider, sealed. Grows the keys generation.
   *
   * @throws {InvalidInputError} `ERR_INVALID_INPUT` when it is no usable key
   * @throws {TooLargeError} `ERR_TOO_LARGE` over 8 KiB
   * @throws {NotFoundError} `ERR_NOT_FOUND` when there is no such account
   * @throws {ProviderKeyConflictError} `ERR_PROVIDER_KEY_CONFLICT`
   */
  upsert(input: ProviderKeyOf & { key: MaybeSecret<string> }): Promise<ProviderKeyInfo>;
  /**
   * Forgets a key. Grows the keys generation.
   *
   * @throws {NotFoundError} `ERR_NOT_FOUND` when the account has none of that provider
   */
  remove(input: ProviderKeyOf): Promise<void>;
  /** What an account has, by provider, without the keys. */
  list(account: string): Promise<ProviderKeyInfo[]>;
  /**
   * All keys of an account, in clear: for its runtime, and for nothing else. Each key that is revealed is an activity, stored
   * before it is handed out. All or none: one that does not open makes the call fail, so that a runtime never takes a part of
   * the keys for all of them.
   *
   * @throws {EnvelopeRejectedError} `ERR_ENVELOPE_REJECTED`, with an activity `secret_rejected` that names the provider
   */
  reveal(account: string, actor: Actor): Promise<ProviderKeySet>;
  /**
   * Asks the provider whether it knows the stored key; see `probeProviderKey`.
   *
   * @throws {NotFoundError} `ERR_NOT_FOUND` when the account has none of that provider
   * @throws {EnvelopeRejectedError} `ERR_ENVELOPE_REJECTED`
   */
  probe(input: ProviderKeyOf): Promise<ProbeVerdict>;
  /** Brings every record of every account under the active key. It can be stopped and started again at any point. */
  rewrapAll(options?: RewrapAllOptions): Promise<RewrapProgress>;
  /** Looks for records that do not open or are under old keys, and for keys in clear. Changes nothing. */
  doctor(): Promise<DoctorReport>;
}

/** Each failure means that somebody else's change got through, so that even a few in a row are hardly ever met. */
const tries = 16;

/**
 * Makes what keeps the provider keys of accounts: sealed in a store, bound to account, provider, record and version.
 *
 * @example
 * ```ts
 * import { createProviderKeys, createVault, keyRingFromEnv, type SecretStore } from "@lobstercontrol/secrets";
 *
 * export async function rotate(store: SecretStore): Promise<void> {
 *   const vault = createVault({ keyRing: keyRingFromEnv(process.env) });
 *   const providerKeys = createProviderKeys({ vault, store });
 *   console.log(await providerKeys.rewrapAll());
 *   console.log((await providerKeys.doctor()).recordsByKey);
 * }
 * ```
 */
export function createProviderKeys(options: ProviderKeysOptions): ProviderKeys {
  const { vault, store, fallbackKeys = [], clock = systemClock, logger = silentLogger } = options;
  if (fallbackKeys.length > 0)
    logger.warn(
      { providers: fallbackKeys.map(({ provider }) => provider) },
      "Accounts without provider keys are served the operator's own, which are not in the vault.",
    );

  const activity = (type: string, actor: Actor, provider: string): SecretActivity => ({
    type,
    actor: actor.id,
    subject: provider,
    at: clock.now(),
  });

  async function upsert({
    account: of,
    provider: name,
    key: secret,
    actor,
  }: ProviderKeyOf & { key: MaybeSecret<string> }): Promise<ProviderKeyInfo> {
    const account = parse(accountId, of, "account");
    const provider = readProvider(name);
    const key = readKey(provider, revealed(secret));
    const fingerprint = await vault.fingerprint(key, { purpose, account });
    for (let attempt = 0; attempt < tries; attempt++) {
      const { generations, records } = await store.read(account);
      const id = records.find((record) => record.provider === provider)?.id ?? newRecordId();
      const version = generations.stored + 1;
      const record: SecretRecord = {
        id,
        account,
        provider,
        version,
        envelope: await vault.seal(key, contextOf({ account, provider, id, version })),
        last4: lastFour(key),
        fingerprint,
        updatedAt: clock.now(),
        updatedBy: actor.id,
      };
      if (await store.put(record, activity("secret_updated", actor, provider)))
        return infoOf(record, generations);
    }
    throw new ProviderKeyConflictError();
  }

  async function remove({ account: of, provider: name, actor }: ProviderKeyOf): Promise<void> {
    const account = parse(accountId, of, "account");
    const provider = readProvider(name);
    if (!(await store.remove(account, provider, activity("secret_removed", actor, provider))))
      throw new NotFoundError({ what: "provider key", id: provider });
  }

  async function list(of: string): Promise<ProviderKeyInfo[]> {
    const { generations, records } = await store.read(parse(accountId, of, "account"));
    return records.map((record) => infoOf(record, generations));
  }

  /** Opens records; what does not open is an activity, and fails the whole. */
  async function open(records: readonly SecretRecord[], actor: Actor): Promise<ProviderKeySet["keys"]> {
    const rejected: SecretActivity[] = [];
    const keys: ProviderKeySet["keys"] = [];
    for (const record of records) {
      try {
        keys.push({ provider: record.provider, key: await vault.open(record.envelope, contextOf(record)) });
      } catch (error) {
        if (!EnvelopeRejectedError.isInstance(error)) throw error;
        rejected.push(activity("secret_rejected", actor, record.provider));
      }
    }
    if (rejected.length === 0) return keys;
    await store.addActivities(records[0]!.account, rejected);
    throw new EnvelopeRejectedError();
  }

  async function reveal(of: string, actor: Actor): Promise<ProviderKeySet> {
    const account = parse(accountId, of, "account");
    const { generations, records } = await store.read(account);
    const keys = records.length === 0 ? [...fallbackKeys] : await open(records, actor);
    await store.addActivities(
      account,
      keys.map(({ provider }) => activity("secret_revealed", actor, provider)),
    );
    return { generation: generations.stored, keys };
  }

  async function probe({ account: of, provider: name, actor }: ProviderKeyOf): Promise<ProbeVerdict> {
    const account = parse(accountId, of, "account");
    const provider = readProvider(name);
    const { records } = await store.read(account);
    const [key] = await open(
      records.filter((record) => record.provider === provider),
      actor,
    );
    if (key === undefined) throw new NotFoundError({ what: "provider key", id: provider });
    await store.addActivities(account, [activity("secret_probed", actor, provider)]);
    return await probeProviderKey(key, { clock, ...(options.fetch && { fetch: options.fetch }) });
  }

  return {
    upsert,
    remove,
    list,
    reveal,
    probe,
    rewrapAll: (how = {}) => rewrapAll({ vault, store, clock }, how),
    doctor: () => doctor({ vault, store }),
  };
}

const newRecordId = (): string => `pky_${crypto.randomUUID()}`;

function infoOf(record: SecretRecord, generations: KeysGenerations): ProviderKeyInfo {
  const { provider, last4, fingerprint, version, updatedAt, updatedBy } = record;
  const state = keyState(version, generations);
  return { provider, last4, fingerprint, generation: version, state, updatedAt, updatedBy };
}
