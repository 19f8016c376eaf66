/**
 * Sealed provider keys: a `SecretStore` of `@lobstercontrol/secrets` in internal functions, which the app cannot call, and what
 * seals and opens in actions alone, since the randomness of a mutation comes from a seed. A key in clear is an argument or an
 * answer of an action and nothing else: never of a query, a mutation or a scheduled function.
 */
import { accountId, parse, Secret, type AccountId } from "@lobstercontrol/core";
import {
  createProviderKeys,
  createVault,
  keyRingFromEnv,
  keyState,
  VaultMissingError,
  type ProviderKeys,
  type SecretRecord,
  type SecretStore,
  type Vault,
} from "@lobstercontrol/secrets";
import { v } from "convex/values";
import { keysGenerations, newActivity, providerKeyInfo, secretRecord } from "../validators.ts";
import { api, internal } from "./_generated/api.ts";
import type { Doc } from "./_generated/dataModel.ts";
import {
  action,
  env,
  internalMutation,
  internalQuery,
  query,
  type ActionCtx,
  type QueryCtx,
} from "./_generated/server.ts";
import { findAccount, requireAccount, requireOpenAccount } from "./accounts.ts";
import { addActivity } from "./activities.ts";
import { telling } from "../telling.ts";
import { wake } from "./wake.ts";

/** More than an account will ever use; those that it has are read at once. */
const providersPerAccount = 100;

/** See `SecretStore.read`. */
export const read = internalQuery({
  args: { account: v.string() },
  returns: v.object({ generations: keysGenerations, records: v.array(secretRecord) }),
  handler: (ctx, args) =>
    telling(async () => {
      const account = await findAccount(ctx, args.account as AccountId);
      return {
        generations: {
          stored: account?.keysStored ?? 0,
          active: account?.keysActive ?? 0,
          confirmed: account?.keysConfirmed ?? 0,
        },
        records: await recordsOf(ctx, args.account),
      };
    }),
});

/** See `SecretStore.put`. */
export const put = internalMutation({
  args: { record: secretRecord, activity: newActivity },
  returns: v.boolean(),
  handler: (ctx, { record, activity }) =>
    telling(async () => {
      const account = await requireOpenAccount(ctx, record.account as AccountId);
      if (account.keysStored !== record.version - 1) return false;
      const known = await findRecord(ctx, record.account, record.provider);
      if (known === null) await ctx.db.insert("secrets", record);
      else await ctx.db.replace("secrets", known._id, record);
      await ctx.db.patch("accounts", account._id, { keysStored: record.version });
      await addActivity(ctx, account.account, activity);
      await wake(ctx, account.account);
      return true;
    }),
});

/** See `SecretStore.remove`. */
export const remove = internalMutation({
  args: { account: v.string(), provider: v.string(), activity: newActivity },
  returns: v.boolean(),
  handler: (ctx, { provider, activity, ...args }) =>
    telling(async () => {
      const known = await findRecord(ctx, args.account, provider);
      if (known === null) return false;
      const account = await requireAccount(ctx, args.account as AccountId);
      await ctx.db.delete("secrets", known._id);
      await ctx.db.patch("accounts", account._id, { keysStored: account.keysStored + 1 });
      await addActivity(ctx, account.account, activity);
      await wake(ctx, account.account);
      return true;
    }),
});

/** See `SecretStore.rewrap`. */
export const rewrap = internalMutation({
  args: { record: secretRecord, envelope: v.string(), activity: newActivity },
  returns: v.boolean(),
  handler: (ctx, { record, envelope, activity }) =>
    telling(async () => {
      const known = await findRecord(ctx, record.account, record.provider);
      if (known === null || known.id !== record.id || known.envelope !== envelope) return false;
      const { envelope: rewrapped, fingerprint } = record;
      await ctx.db.patch("secrets", known._id, { envelope: rewrapped, fingerprint });
      await addActivity(ctx, record.account as AccountId, activity);
      return true;
    }),
});

/** See `SecretStore.addActivities`. */
export const addActivities = internalMutation({
  args: { account: v.string(), activities: v.array(newActivity) },
  returns: v.null(),
  handler: (ctx, { account, activities }) =>
    telling(async () => {
      for (const activity of activities) await addActivity(ctx, account as AccountId, activity);
      return null;
    }),
});

/** See `SecretStore.page`. */
export const page = internalQuery({
  args: { after: v.union(v.null(), v.string()), limit: v.number() },
  returns: v.array(secretRecord),
  handler: (ctx, { after, limit }) =>
    telling(async () => {
      const rows = await ctx.db
        .query("secrets")
        .withIndex("by_record", (q) => q.gt("id", after ?? ""))
        .take(limit);
      return rows.map(recordFromDoc);
    }),
});

/** What an account has, by provider, without the keys. */
export const listProviderKeys = query({
  args: { account: v.string() },
  returns: v.array(providerKeyInfo),
  handler: (ctx, args) =>
    telling(async () => {
      requireVault();
      const id = parse(accountId, args.account, "account");
      const account = await findAccount(ctx, id);
      if (account === null) return [];
      const generations = {
        stored: account.keysStored,
        active: account.keysActive,
        confirmed: account.keysConfirmed,
      };
      return (await recordsOf(ctx, id)).map(
        ({ provider, last4, fingerprint, version, updatedAt, updatedBy }) => ({
          provider,
          last4,
          fingerprint,
          generation: version,
          state: keyState(version, generations),
          updatedAt,
          updatedBy,
        }),
      );
    }),
});

/** Stores a key, or replaces it. */
export const upsertProviderKey = action({
  args: { account: v.string(), actor: v.string(), provider: v.string(), key: v.string() },
  returns: providerKeyInfo,
  handler: (ctx, { account, actor, provider, key }) =>
    telling(async () => {
      const actorOf = { id: actor };
      return await providerKeysOf(ctx).upsert({ account, provider, key: new Secret(key), actor: actorOf });
    }),
});

/** Forgets a key. */
export const removeProviderKey = action({
  args: { account: v.string(), actor: v.string(), provider: v.string() },
  returns: v.null(),
  handler: (ctx, { account, actor, provider }) =>
    telling(async () => {
      await providerKeysOf(ctx).remove({ account, provider, actor: { id: actor } });
      return null;
    }),
});

/**
 * All keys of an account, in clear, for whoever has a service token of it. By the token and not by the account: the app's own
 * code cannot ask for the keys of an account without it.
 */
export const revealProviderKeys = action({
  args: { tokenHash: v.string() },
  returns: v.object({
    generation: v.number(),
    keys: v.array(v.object({ provider: v.string(), key: v.string() })),
  }),
  handler: (ctx, { tokenHash }): Promise<{ generation: number; keys: { provider: string; key: string }[] }> =>
    telling(async () => {
      const { account, token } = await ctx.runQuery(api.delivery.holder, { tokenHash });
      if (vault() === null) {
        const { generations, records } = await storeOf(ctx).read(account);
        // The empty set would be taken for the truth, and cost the gateway its keys.
        if (records.length > 0) throw new VaultMissingError();
        return { generation: generations.stored, keys: [] };
      }
      const { generation, keys } = await providerKeysOf(ctx).reveal(account, { id: token });
      return { generation, keys: keys.map(({ provider, key }) => ({ provider, key: key.reveal() })) };
    }),
});

/** Brings some records under the active key; call it again with the cursor until `done`. */
export const rewrapProviderKeys = action({
  args: { actor: v.string(), cursor: v.union(v.null(), v.string()), limit: v.number() },
  returns: v.object({
    cursor: v.union(v.null(), v.string()),
    rewrapped: v.number(),
    rejected: v.number(),
    done: v.boolean(),
  }),
  handler: (ctx, { actor, cursor, limit }) =>
    telling(async () => {
      const store = storeOf(ctx);
      // One batch and no more, so that the action ends in time however many there are.
      let pages = 0;
      const one: SecretStore = {
        ...store,
        page: async (request) => (pages++ === 0 ? await store.page(request) : []),
      };
      const keys = createProviderKeys({ vault: requireVault(), store: one });
      const progress = await keys.rewrapAll({
        batch: limit,
        actor: { id: actor },
        ...(cursor === null ? {} : { cursor }),
      });
      const { rewrapped, rejected, seen } = progress;
      return { cursor: progress.cursor, rewrapped, rejected, done: seen < limit };
    }),
});

/** The store, as an action reaches it. */
export function storeOf(ctx: Pick<ActionCtx, "runQuery" | "runMutation">): SecretStore {
  return {
    read: (account) => ctx.runQuery(internal.secrets.read, { account }),
    put: (record, activity) => ctx.runMutation(internal.secrets.put, { record, activity }),
    remove: (account, provider, activity) =>
      ctx.runMutation(internal.secrets.remove, { account, provider, activity }),
    rewrap: (record, envelope, activity) =>
      ctx.runMutation(internal.secrets.rewrap, { record, envelope, activity }),
    addActivities: async (account, activities) => {
      await ctx.runMutation(internal.secrets.addActivities, { account, activities: [...activities] });
    },
    page: (request) => ctx.runQuery(internal.secrets.page, request),
  };
}

function providerKeysOf(ctx: ActionCtx): ProviderKeys {
  return createProviderKeys({ vault: requireVault(), store: storeOf(ctx) });
}

let known: { from: string; vault: Vault } | null = null;

/** Made once for each isolate; null when no master key is bound. */
function vault(): Vault | null {
  const { SECRETS_MASTER_KEY_BASE64 = "", SECRETS_KEYS = "" } = env;
  const from = `${SECRETS_MASTER_KEY_BASE64}\n${SECRETS_KEYS}`;
  if (from.trim() === "") return null;
  if (known?.from !== from)
    known = {
      from,
      vault: createVault({ keyRing: keyRingFromEnv({ SECRETS_MASTER_KEY_BASE64, SECRETS_KEYS }) }),
    };
  return known.vault;
}

/** @throws {VaultMissingError} `ERR_VAULT_MISSING` */
function requireVault(): Vault {
  const made = vault();
  if (made === null) throw new VaultMissingError();
  return made;
}

async function findRecord(ctx: QueryCtx, account: string, provider: string): Promise<Doc<"secrets"> | null> {
  return await ctx.db
    .query("secrets")
    .withIndex("by_provider", (q) => q.eq("account", account).eq("provider", provider))
    .unique();
}

async function recordsOf(ctx: QueryCtx, account: string): Promise<SecretRecord[]> {
  const rows = await ctx.db
    .query("secrets")
    .withIndex("by_provider", (q) => q.eq("account", account))
    .take(providersPerAccount);
  return rows.map(recordFromDoc);
}

const recordFromDoc = ({ _id, _creationTime, ...record }: Doc<"secrets">): SecretRecord => record;
