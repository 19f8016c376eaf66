/** Promise 8: a provider key in clear, and a service token, are in no table, no scheduled function and no error. */
import { Secret } from "@lobstercontrol/core";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { api } from "../src/component/_generated/api.ts";
import schema from "../src/component/schema.ts";
import { hashServiceToken } from "../src/client/service-token.ts";
import { createComponent } from "./component.ts";

/** Assembled, so that no scanner takes it for a real one. */
const key = new Secret(["sk", "ant", "canary0123456789abcdef", "abcd"].join("-"));
const token = new Secret(["lcs", "canary0123456789abcdefcanary0123"].join("_"));
const account = "acme";

beforeEach(() => vi.stubEnv("SECRETS_MASTER_KEY_BASE64", btoa("0123456789abcdef0123456789abcdeF")));
afterEach(() => vi.unstubAllEnvs());

type Component = ReturnType<typeof createComponent>;

async function fill(t: Component): Promise<string> {
  await t.mutation(api.platform.upsertAccount, { account });
  const hash = await hashServiceToken(token.reveal());
  await t.mutation(api.admin.issueServiceToken, { account, actor: "user-1", id: "stk_1", hash });
  await t.action(api.secrets.upsertProviderKey, {
    account,
    actor: "user-1",
    provider: "anthropic",
    key: key.reveal(),
  });
  return hash;
}

/** Everything that is stored, Convex's own table of scheduled functions among it. */
async function everything(t: Component): Promise<string> {
  return await t.run(async (ctx) => {
    const rows: unknown[] = [await ctx.db.system.query("_scheduled_functions").take(1_000)];
    for (const table of Object.keys(schema.tables) as (keyof typeof schema.tables)[])
      rows.push(await ctx.db.query(table).take(1_000));
    return JSON.stringify(rows);
  });
}

it("is so: the tables hold the sealed key and the hash, and the account's runtime gets the key", async () => {
  const t = createComponent();
  const tokenHash = await fill(t);
  const { keys } = await t.action(api.secrets.revealProviderKeys, { tokenHash });
  expect(keys).toEqual([{ provider: "anthropic", key: key.reveal() }]);
  const stored = await everything(t);
  expect(stored).toContain(tokenHash);
  expect(stored).toContain('"last4":"abcd"');
  expect(stored).not.toContain("canary");
});

it("is so when a key is refused, and when another master key is bound", async () => {
  const t = createComponent();
  const tokenHash = await fill(t);
  const refused = await t
    .action(api.secrets.upsertProviderKey, {
      account,
      actor: "user-1",
      provider: "openai",
      key: key.reveal(),
    })
    .catch((error: unknown) => error);
  expect(refused).toMatchObject({ data: { code: "ERR_INVALID_INPUT" } });
  vi.stubEnv("SECRETS_MASTER_KEY_BASE64", btoa("another master key, of 32 bytes!"));
  const rejected = await t
    .action(api.secrets.revealProviderKeys, { tokenHash })
    .catch((error: unknown) => error);
  expect(rejected).toMatchObject({ data: { code: "ERR_ENVELOPE_REJECTED" } });
  expect(JSON.stringify([refused, rejected, String(refused), await everything(t)])).not.toContain("canary");
});

it("gives no keys at all where no master key is bound and some are stored, rather than an empty set", async () => {
  const t = createComponent();
  const tokenHash = await fill(t);
  vi.stubEnv("SECRETS_MASTER_KEY_BASE64", "");
  await expect(t.action(api.secrets.revealProviderKeys, { tokenHash })).rejects.toMatchObject({
    data: { code: "ERR_VAULT_MISSING" },
  });
});

it("rewraps what is sealed, a part at a time", async () => {
  const t = createComponent();
  const tokenHash = await fill(t);
  const old = `old:decryptOnly:${btoa("0123456789abcdef0123456789abcdeF")}`;
  const fresh = `new:active:${btoa("another master key, of 32 bytes!")}`;
  vi.stubEnv("SECRETS_MASTER_KEY_BASE64", "");
  // The id under which a single master key seals.
  vi.stubEnv("SECRETS_KEYS", `${fresh},${old.replace("old:", "master:")}`);
  const first = await t.action(api.secrets.rewrapProviderKeys, { actor: "operator", cursor: null, limit: 1 });
  expect(first).toMatchObject({ rewrapped: 1, rejected: 0, done: false });
  const { cursor } = first;
  const second = await t.action(api.secrets.rewrapProviderKeys, { actor: "operator", cursor, limit: 1 });
  expect(second).toMatchObject({ rewrapped: 0, done: true });
  vi.stubEnv("SECRETS_KEYS", fresh);
  const { keys } = await t.action(api.secrets.revealProviderKeys, { tokenHash });
  expect(keys).toEqual([{ provider: "anthropic", key: key.reveal() }]);
});
