import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NotFoundError, Secret, type Logger } from "@lobstercontrol/core";
import {
  createKeyRing,
  createProviderKeys,
  createVault,
  EnvelopeRejectedError,
  generateMasterKey,
  VaultMissingError,
} from "@lobstercontrol/secrets";
import { reportOf } from "@lobstercontrol/core/testing";
import { secretStoreSuite } from "@lobstercontrol/secrets/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSqliteControlPlane, type SqliteControlPlane } from "./control-plane.ts";
import { openDatabase } from "./database.ts";

secretStoreSuite("SQLite", () => {
  const controlPlane = createSqliteControlPlane({ path: ":memory:" });
  return {
    store: controlPlane.secretStore,
    addAccount: (account) => controlPlane.platform.upsertAccount({ account }),
    activities: async (account) =>
      (await controlPlane.admin({ id: "u" }, account).activities()).items
        .map(({ type, actor, subject, at }) => ({ type, actor, subject, at }))
        .toReversed(),
    close: () => controlPlane.close(),
  };
});

const keyOf = (number: number): Secret => new Secret(`sk-ant-${"not-a-key-".repeat(3)}000${number}`);
const vault = createVault({
  keyRing: createKeyRing({ keys: [{ id: "k1", secret: generateMasterKey(), status: "active" }] }),
});

let folder: string;
let controlPlane: SqliteControlPlane;
const path = () => join(folder, "lobster.db");
const admin = (account = "acme") => controlPlane.admin({ id: "user-1" }, account);
const runtimeOf = async (account = "acme") =>
  controlPlane.runtime((await admin(account).issueServiceToken()).token);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "lobster-"));
  controlPlane = createSqliteControlPlane({ path: path(), vault });
  for (const account of ["acme", "other"]) await controlPlane.platform.upsertAccount({ account });
});
afterEach(() => {
  controlPlane.close();
  rmSync(folder, { recursive: true });
});

describe("promise 8: provider keys on SQLite", () => {
  it("go in by the admin and out to the runtime, and are in the file only sealed", async () => {
    const info = await admin().upsertProviderKey({ provider: "anthropic", key: keyOf(1) });
    expect(info).toMatchObject({ provider: "anthropic", last4: "0001", generation: 1, state: "stored" });
    expect(await admin().listProviderKeys()).toEqual([info]);
    const set = await (await runtimeOf()).providerKeys();
    expect(set.keys.map(({ provider, key }) => [provider, key.reveal()])).toEqual([
      ["anthropic", keyOf(1).reveal()],
    ]);
    for (const file of ["lobster.db", "lobster.db-wal"])
      expect(readFileSync(join(folder, file)).includes("not-a-key")).toBe(false);
    const shown = [await admin().listProviderKeys(), (await admin().activities()).items, set];
    expect(JSON.stringify(shown)).not.toContain("not-a-key");
  });

  it("are activities of the admin, and of the service token that they were revealed to", async () => {
    const { id, token } = await admin().issueServiceToken();
    await admin().upsertProviderKey({ provider: "anthropic", key: keyOf(1) });
    await controlPlane.runtime(token).providerKeys();
    await admin().removeProviderKey("anthropic");
    await expect(admin().removeProviderKey("anthropic")).rejects.toThrow(NotFoundError);
    expect(
      (await admin().activities()).items.map(({ type, actor, subject }) => [type, actor, subject]),
    ).toEqual([
      ["secret_removed", "user-1", "anthropic"],
      ["secret_revealed", id, "anthropic"],
      ["secret_updated", "user-1", "anthropic"],
      ["service_token_issued", "user-1", id],
    ]);
  });

  it("survive a restart, and open with the same master key alone", async () => {
    await admin().upsertProviderKey({ provider: "anthropic", key: keyOf(1) });
    const { token } = await admin().issueServiceToken();
    controlPlane.close();
    const keyRing = createKeyRing({ keys: [{ id: "k1", secret: generateMasterKey(), status: "active" }] });
    controlPlane = createSqliteControlPlane({ path: path(), vault: createVault({ keyRing }) });
    await expect(controlPlane.runtime(token).providerKeys()).rejects.toThrow(EnvelopeRejectedError);
    controlPlane.close();
    controlPlane = createSqliteControlPlane({ path: path(), vault });
    expect((await controlPlane.runtime(token).providerKeys()).keys).toHaveLength(1);
  });

  it("are revealed to no token that is not good any more", async () => {
    await admin().upsertProviderKey({ provider: "anthropic", key: keyOf(1) });
    const { id, token } = await admin().issueServiceToken();
    await admin().revokeServiceToken(id);
    await expect(controlPlane.runtime(token).providerKeys()).rejects.toThrow(
      "The service token was not accepted.",
    );
    expect((await admin().activities()).items.map(({ type }) => type)).not.toContain("secret_revealed");
  });
});

describe("promise 7: provider keys of two accounts on SQLite", () => {
  it("are apart", async () => {
    await admin().upsertProviderKey({ provider: "anthropic", key: keyOf(1) });
    expect(await admin("other").listProviderKeys()).toEqual([]);
    expect(await (await runtimeOf("other")).providerKeys()).toEqual({ generation: 0, keys: [] });
    await expect(admin("other").removeProviderKey("anthropic")).rejects.toThrow(NotFoundError);
    await admin("other").upsertProviderKey({ provider: "anthropic", key: keyOf(1) });
    const [ours, theirs] = [await admin().listProviderKeys(), await admin("other").listProviderKeys()];
    expect(ours[0]!.fingerprint).not.toBe(theirs[0]!.fingerprint);
    expect((await (await runtimeOf()).providerKeys()).generation).toBe(1);
  });

  it("do not open for the other, whatever of a row somebody copies", async () => {
    for (const account of ["acme", "other"])
      await admin(account).upsertProviderKey({ provider: "anthropic", key: keyOf(1) });
    const thief = openDatabase(path());
    thief.run(
      `UPDATE secrets SET envelope = (SELECT envelope FROM secrets WHERE account = 'acme') WHERE account = 'other'`,
    );
    const port = await runtimeOf("other");
    await expect(port.providerKeys()).rejects.toThrow(EnvelopeRejectedError);
    // The row itself, moved to the other account.
    thief.run("DELETE FROM secrets WHERE account = 'other'");
    thief.run("UPDATE secrets SET account = 'other'");
    thief.close();
    await expect(port.providerKeys()).rejects.toThrow(EnvelopeRejectedError);
    expect((await admin("other").activities()).items[0]).toMatchObject({
      type: "secret_rejected",
      subject: "anthropic",
    });
  });

  it("do not open when an older envelope of the same row is put back", async () => {
    await admin().upsertProviderKey({ provider: "anthropic", key: keyOf(1) });
    const thief = openDatabase(path());
    const { envelope } = thief.get<{ envelope: string }>("SELECT envelope FROM secrets")!;
    await admin().upsertProviderKey({ provider: "anthropic", key: keyOf(2) });
    thief.run("UPDATE secrets SET envelope = ?", envelope);
    thief.close();
    await expect((await runtimeOf()).providerKeys()).rejects.toThrow(EnvelopeRejectedError);
  });
});

describe("promise 9: a provider key is active when the runtime's report proves it", () => {
  const report = (keysGeneration: number) => reportOf({ keysGeneration });
  const stateNow = async () => (await admin().listProviderKeys())[0]!.state;

  it("and not before, nor for the next key", async () => {
    const port = await runtimeOf();
    await admin().upsertProviderKey({ provider: "anthropic", key: keyOf(1) });
    await port.report(report(0));
    expect(await stateNow()).toBe("stored");
    await port.report(report(1));
    expect(await stateNow()).toBe("active");
    await admin().upsertProviderKey({ provider: "anthropic", key: keyOf(2) });
    expect(await stateNow()).toBe("stored");
  });

  it("and a report of what there is not yet proves nothing about it", async () => {
    const port = await runtimeOf();
    await port.report(report(99));
    await admin().upsertProviderKey({ provider: "anthropic", key: keyOf(1) });
    expect(await stateNow()).toBe("stored");
  });

  it("and another account's report proves nothing", async () => {
    await admin().upsertProviderKey({ provider: "anthropic", key: keyOf(1) });
    await admin("other").upsertProviderKey({ provider: "anthropic", key: keyOf(1) });
    await (await runtimeOf("other")).report(report(1));
    expect(await stateNow()).toBe("stored");
  });
});

describe("without a vault", () => {
  it("a control plane says so, and where none is stored it has none to reveal", async () => {
    const bare = createSqliteControlPlane({ path: ":memory:" });
    await bare.platform.upsertAccount({ account: "acme" });
    const port = bare.admin({ id: "u" }, "acme");
    for (const call of [
      () => port.upsertProviderKey({ provider: "anthropic", key: keyOf(1) }),
      () => port.removeProviderKey("anthropic"),
      () => port.listProviderKeys(),
    ])
      await expect(call()).rejects.toThrow(VaultMissingError);
    const { token } = await port.issueServiceToken();
    expect(await bare.runtime(token).providerKeys()).toEqual({ generation: 0, keys: [] });
    bare.close();
  });

  it("the keys that are stored are not taken for none", async () => {
    await admin().upsertProviderKey({ provider: "anthropic", key: keyOf(1) });
    const { token } = await admin().issueServiceToken();
    const bare = createSqliteControlPlane({ path: path() });
    await expect(bare.runtime(token).providerKeys()).rejects.toThrow(VaultMissingError);
    await admin().removeProviderKey("anthropic");
    expect(await bare.runtime(token).providerKeys()).toEqual({ generation: 2, keys: [] });
    bare.close();
  });
});

describe("the operator's own keys", () => {
  it("serve an account that has stored none, and are warned about", async () => {
    const lines: string[] = [];
    const logger = { warn: (_fields: object, message: string) => lines.push(message) } as unknown as Logger;
    const fallbackKeys = [{ provider: "openai", key: keyOf(1) }];
    const serving = createSqliteControlPlane({ path: path(), vault, fallbackKeys, logger });
    const { token } = await admin().issueServiceToken();
    expect((await serving.runtime(token).providerKeys()).keys.map(({ provider }) => provider)).toEqual([
      "openai",
    ]);
    expect(lines).toHaveLength(1);
    serving.close();
  });
});

describe("what stands in the file in clear", () => {
  it("is looked at by the doctor, wherever people and agents write", async () => {
    const key = keyOf(1).reveal();
    const account = "acme";
    await controlPlane.platform.upsertAgent({ account, agent: "writer", files: { "SOUL.md": `use ${key}` } });
    const notify = (index: number, own: object) =>
      controlPlane.platform.notify({
        account,
        agent: "writer",
        thread: "t1",
        input: "nothing of interest",
        idempotencyKey: `k${index}`,
        ...own,
      });
    for (let index = 0; index < 45; index++) await notify(index, {});
    await notify(45, { input: `use ${key}` });
    await notify(46, { instructions: `use ${key}`, thread: "t2" });
    const port = await runtimeOf();
    const worker = { workerId: "w", incarnation: "i", limit: 10, leaseMs: 1_000 };
    const [first, second] = await port.claim({ ...worker, claimId: "c1" });
    await port.complete(first!.lease, { kind: "reply", text: `your key is ${key}`, responseId: null });
    await port.fail(second!.lease, {
      outcome: "ran",
      reason: { code: "ERR_X", message: `no model knows ${key}` },
      retryable: false,
      countsAttempt: true,
    });
    const { findings, found } = await createProviderKeys({ vault, store: controlPlane.secretStore }).doctor();
    expect(found).toEqual({ undecryptable: 0, oldKey: 0, plaintext: 5 });
    expect(findings.map(({ place }) => place.replace(/(ntf|msg)_.*/, "$1"))).toEqual([
      "input of notification ntf",
      "instructions of notification ntf",
      "last error of notification ntf",
      "message msg",
      "files of agent writer",
    ]);
    expect(findings.every((finding) => finding.account === "acme")).toBe(true);
    expect(JSON.stringify(findings)).not.toContain("not-a-key");
  });
});
