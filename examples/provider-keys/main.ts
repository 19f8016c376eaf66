/** Provider keys from beginning to end: stored, listed, revealed to the runtime, misused in vain, and rotated. */
import { LobsterError, Secret } from "@lobstercontrol/core";
import {
  createKeyRing,
  createProviderKeys,
  createVault,
  generateMasterKey,
  type KeyRingKey,
} from "@lobstercontrol/secrets";
import { createSqliteControlPlane } from "@lobstercontrol/sqlite";

const path = ":memory:";
const account = "acme";
const old = { id: "2026-05", secret: generateMasterKey() };
const fresh = { id: "2026-11", secret: generateMasterKey() };
const vaultOf = (...keys: KeyRingKey[]) => createVault({ keyRing: createKeyRing({ keys }) });

console.log("1. An admin stores a key. Only what may be shown comes back:");
const controlPlane = createSqliteControlPlane({ path, vault: vaultOf({ ...old, status: "active" }) });
await controlPlane.platform.upsertAccount({ account });
const admin = controlPlane.admin({ id: "user-1" }, account);
const invented = ["sk", "ant", "a-key-that-nobody-has-0001"].join("-");
console.log(await admin.upsertProviderKey({ provider: "anthropic", key: new Secret(invented) }));

console.log("\n2. What is stored is an envelope:");
const { secretStore } = controlPlane;
const [record] = (await secretStore.read(account)).records;
console.log(record?.envelope);

console.log("\n3. The account's runtime gets the key in clear, which is an activity:");
const { token } = await admin.issueServiceToken();
console.log(await controlPlane.runtime(token).providerKeys());
console.log(
  (await admin.activities({ limit: 2 })).items.map(({ type, actor, subject }) => ({ type, actor, subject })),
);

console.log("\n4. The envelope opens for nobody else:");
const vault = vaultOf({ ...fresh, status: "active" }, { ...old, status: "decryptOnly" });
const another = {
  purpose: "provider-key",
  account: "other",
  provider: "anthropic",
  record: record!.id,
  version: 1,
};
await vault.open(record!.envelope, another).catch((error: unknown) => {
  if (LobsterError.isInstance(error)) console.log(`${error.code}: ${error.message}`);
});

console.log("\n5. The master key is rotated; nothing is left under the old one:");
const rotating = createProviderKeys({ vault, store: secretStore });
console.log("before:", (await rotating.doctor()).recordsByKey);
console.log(await rotating.rewrapAll());
console.log("after: ", (await rotating.doctor()).recordsByKey);
controlPlane.close();
