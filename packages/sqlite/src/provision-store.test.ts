import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  accountId,
  BootstrapTokenError,
  dropletSpec,
  hashToken,
  NotFoundError,
  ProvisioningDisabledError,
  provisionTransition,
  Secret,
  storeChange,
  UnauthorizedError,
  type Provisioner,
} from "@lobstercontrol/core";
import {
  bootstrapPortSuite,
  createFakeClock,
  provisionStoreSuite,
  reportOf,
  type BootstrapPortFixture,
} from "@lobstercontrol/core/testing";
import { createBootstrapClient, createRuntimeHandler } from "@lobstercontrol/core/http";
import { createKeyRing, createVault, generateMasterKey } from "@lobstercontrol/secrets";
import { describe, expect, it, onTestFinished } from "vitest";
import { createSqliteControlPlane, type SqliteControlPlane } from "./control-plane.ts";

/** What the suites need besides, from what an admin sees. */
function fixtureOf(
  controlPlane: SqliteControlPlane,
  bootstrap = controlPlane.bootstrap,
): BootstrapPortFixture {
  const admin = (account: string) => controlPlane.admin({ id: "u" }, account);
  /** The port does not show hashes: a token whose hash is good opens the runtime's port. */
  const hashes = new Map<string, string>();
  return {
    bootstrap,
    store: {
      ...controlPlane.provisionStore,
      async write(change) {
        const stored = await controlPlane.provisionStore.write(change);
        const [attempt] = change.record.attempts.slice(-1);
        if (stored && attempt?.serviceTokenHash)
          for (const { id, createdBy } of await admin(change.record.account).serviceTokens())
            if (createdBy === "bootstrap" && !hashes.has(id)) hashes.set(id, attempt.serviceTokenHash);
        return stored;
      },
    },
    addAccount: (account) => controlPlane.platform.upsertAccount({ account }),
    closeAccount: (account) => controlPlane.platform.closeAccount(account),
    activities: async (account) =>
      (await admin(account).activities()).items
        .filter(({ type }) => !type.startsWith("service_token"))
        .map(({ type, actor, subject, at }) => ({ type, actor, subject, at }))
        .toReversed(),
    async serviceTokens(account) {
      const record = await controlPlane.provisionStore.read(accountId.parse(account));
      const last = record?.attempts.at(-1)?.serviceTokenHash ?? "unknown";
      return (await admin(account).serviceTokens()).map(({ id }) => hashes.get(id) ?? last);
    },
    async revokeServiceToken(hash) {
      for (const account of ["acme", "other"])
        for (const { id } of await admin(account).serviceTokens())
          if (hashes.get(id) === hash) await admin(account).revokeServiceToken(id);
    },
    close: () => controlPlane.close(),
  };
}

provisionStoreSuite("SQLite", () => fixtureOf(createSqliteControlPlane({ path: ":memory:" })));
bootstrapPortSuite("SQLite", ({ clock }) => fixtureOf(createSqliteControlPlane({ path: ":memory:", clock })));
bootstrapPortSuite("SQLite over HTTP", ({ clock }) => {
  const controlPlane = createSqliteControlPlane({ path: ":memory:", clock });
  const handler = createRuntimeHandler({ controlPlane });
  const bootstrap = createBootstrapClient({
    url: "https://platform.test",
    fetch: (input, init) => handler(new Request(input, init)),
  });
  return fixtureOf(controlPlane, bootstrap);
});

const spec = { region: "fra1" };

/** A control plane on a file, with an account whose droplet was asked for and sent. */
async function openWithDroplet() {
  const folder = mkdtempSync(join(tmpdir(), "lobster-"));
  const clock = createFakeClock();
  const keyRing = createKeyRing({ keys: [{ id: "k1", secret: generateMasterKey(), status: "active" }] });
  const controlPlane = createSqliteControlPlane({
    path: join(folder, "lobster.db"),
    clock,
    vault: createVault({ keyRing }),
  });
  onTestFinished(() => {
    controlPlane.close();
    rmSync(folder, { recursive: true });
  });
  await controlPlane.platform.upsertAccount({ account: "acme" });
  const bootstrapToken = new Secret(["lcb", "0123456789abcdef0123456789abcdef"].join("_"));
  const now = clock.now();
  const account = accountId.parse("acme");
  const asked = provisionTransition(
    null,
    {
      type: "requested",
      account,
      spec: dropletSpec.parse(spec),
      actor: "u",
      nonce: "n1",
      createBy: now + 600_000,
    },
    now,
  );
  await storeChange(controlPlane.provisionStore, asked);
  const sent = provisionTransition(
    await controlPlane.provisionStore.read(account),
    {
      type: "sending",
      nonce: "n1",
      region: "fra1",
      team: null,
      size: "s-1vcpu-2gb",
      bootstrapTokenHash: await hashToken(bootstrapToken),
      deadline: now + 900_000,
    },
    now,
  );
  await storeChange(controlPlane.provisionStore, sent);
  const admin = controlPlane.admin({ id: "user-1" }, "acme");
  return { folder, clock, controlPlane, admin, account, bootstrapToken };
}

describe("a droplet that calls home", () => {
  it("is provisioning, then online, without anybody having to reconcile", async () => {
    const { controlPlane, admin, bootstrapToken } = await openWithDroplet();
    expect(await admin.runtime()).toMatchObject({
      status: "provisioning",
      conditions: [{ type: "Provisioned", status: "unknown", reason: "Booting" }],
    });
    const token = new Secret(["lcs", "a".repeat(43)].join("_"));
    const runtime = controlPlane.runtime(token);
    await expect(runtime.agents()).rejects.toThrow(UnauthorizedError);
    await controlPlane.bootstrap.exchange({ bootstrapToken, serviceTokenHash: await hashToken(token) });
    expect(await runtime.agents()).toMatchObject({ agents: [] });
    expect((await admin.runtime()).status).toBe("provisioning");
    await runtime.report(reportOf());
    expect((await admin.runtime()).status).toBe("online");
    expect((await admin.activities()).items.map(({ type }) => type)).toEqual([
      "runtime_provisioned",
      "runtime_bootstrapped",
      "runtime_provision_requested",
    ]);
  });

  it("is not taken for running by what another runtime of the account reports", async () => {
    const { controlPlane, admin, account } = await openWithDroplet();
    const { token } = await admin.issueServiceToken();
    await controlPlane.runtime(token).report(reportOf());
    expect((await controlPlane.provisionStore.read(account))!.state).toBe("provisioning");
  });

  it("has failed once its deadline has passed (promise 11), with the phase and what it said", async () => {
    const { clock, controlPlane, admin, bootstrapToken } = await openWithDroplet();
    await controlPlane.bootstrap.phase({ bootstrapToken, phase: "packages", ok: true });
    clock.advance(900_001);
    expect(await admin.runtime()).toMatchObject({
      status: "error",
      conditions: [{ type: "Provisioned", status: "false", reason: "Deadline" }],
    });
    expect((await admin.runtime()).conditions[0]!.message).toContain('"packages"');
    const { items } = await controlPlane.operator.fleet();
    expect(items).toMatchObject([{ account: "acme", runtime: { status: "error" } }]);
  });

  it("that gives up shows the phase and the end of its standard error at once", async () => {
    const { controlPlane, admin, bootstrapToken } = await openWithDroplet();
    await controlPlane.bootstrap.phase({
      bootstrapToken,
      phase: "docker",
      ok: false,
      stderrTail: "E: Unable to locate package docker.io",
    });
    expect(await admin.runtime()).toMatchObject({
      status: "error",
      conditions: [{ reason: "PhaseFailed", evidence: "E: Unable to locate package docker.io" }],
    });
  });

  it("leaves its tokens nowhere in the file, only their hashes (promise 8's habit)", async () => {
    const { folder, controlPlane, bootstrapToken } = await openWithDroplet();
    const token = new Secret(["lcs", "canary".repeat(7)].join("_"));
    await controlPlane.bootstrap.phase({
      bootstrapToken,
      phase: "docker",
      ok: true,
      stderrTail: `${bootstrapToken.reveal()} ${token.reveal()}`,
    });
    await controlPlane.bootstrap.exchange({ bootstrapToken, serviceTokenHash: await hashToken(token) });
    for (const file of readdirSync(folder))
      for (const secret of [bootstrapToken, token])
        expect(readFileSync(join(folder, file)).includes(secret.reveal())).toBe(false);
  });

  it("does not fail for want of room when an admin has issued as many tokens as may be good", async () => {
    const { controlPlane, admin, bootstrapToken } = await openWithDroplet();
    for (let count = 0; count < 2; count++) await admin.issueServiceToken();
    await controlPlane.bootstrap.exchange({ bootstrapToken, serviceTokenHash: "ab".repeat(32) });
    expect((await admin.serviceTokens()).map(({ createdBy }) => createdBy).toSorted()).toEqual([
      "bootstrap",
      "user-1",
      "user-1",
    ]);
  });

  it("has a service token that only its droplet's end revokes, whatever an actor is called", async () => {
    const { controlPlane, account, bootstrapToken } = await openWithDroplet();
    const { token } = await controlPlane.admin({ id: "bootstrap" }, "acme").issueServiceToken();
    await controlPlane.bootstrap.exchange({ bootstrapToken, serviceTokenHash: "ab".repeat(32) });
    await expect(controlPlane.runtime(token).agents()).resolves.toMatchObject({ agents: [] });
    expect((await controlPlane.provisionStore.read(account))!.attempts[0]!.exchangedAt).not.toBe(null);
  });
});

describe("closing an account", () => {
  it("ends its droplet, its tokens and its provider keys, in one transaction", async () => {
    const { controlPlane, admin, account, bootstrapToken } = await openWithDroplet();
    const token = new Secret(["lcs", "a".repeat(43)].join("_"));
    await controlPlane.bootstrap.exchange({ bootstrapToken, serviceTokenHash: await hashToken(token) });
    const key = new Secret(["sk", "ant", "0123456789abcdef0123456789"].join("-"));
    await admin.upsertProviderKey({ provider: "anthropic", key });
    await controlPlane.platform.closeAccount("acme");
    await expect(controlPlane.runtime(token).agents()).rejects.toThrow(UnauthorizedError);
    await expect(
      controlPlane.bootstrap.exchange({ bootstrapToken, serviceTokenHash: await hashToken(token) }),
    ).rejects.toThrow(BootstrapTokenError);
    expect(await controlPlane.secretStore.read("acme")).toMatchObject({
      records: [],
      generations: { stored: 2 },
    });
    expect((await controlPlane.provisionStore.read(account))!.state).toBe("destroying");
    expect((await admin.activities()).items.slice(0, 3).map(({ type }) => type)).toEqual([
      "bootstrap_refused",
      "secret_removed",
      "runtime_destroy_requested",
    ]);
  });
});

describe("a control plane without a provisioner", () => {
  it("refuses with its own error, and destroys no account's droplet by accident", async () => {
    const { controlPlane, admin, account } = await openWithDroplet();
    const { operator } = controlPlane;
    for (const call of [
      () => admin.provisionRuntime(spec),
      () => admin.retryProvision(),
      () => admin.destroyRuntime(),
      () => operator.reconcile(account),
      () => operator.sweep(),
      () => operator.removeStrays([1]),
    ])
      await expect(call()).rejects.toThrow(ProvisioningDisabledError);
    expect((await controlPlane.provisionStore.read(account))!.state).toBe("provisioning");
  });
});

describe("a control plane with a provisioner", () => {
  it("hands it each call, for the account and the actor of the port", async () => {
    const calls: unknown[] = [];
    const record =
      (name: string) =>
      async (...input: unknown[]): Promise<void> =>
        void calls.push([name, ...input]);
    const provisioner = {
      provision: record("provision"),
      retry: record("retry"),
      destroy: record("destroy"),
    };
    const controlPlane = createSqliteControlPlane({
      path: ":memory:",
      provisioner: () => provisioner as Partial<Provisioner> as Provisioner,
    });
    onTestFinished(() => controlPlane.close());
    const actor = { id: "user-1" };
    const admin = controlPlane.admin(actor, "acme");
    await admin.provisionRuntime(spec);
    await admin.retryProvision();
    await admin.destroyRuntime();
    expect(calls).toEqual([
      ["provision", "acme", spec, actor],
      ["retry", "acme", actor],
      ["destroy", "acme", actor],
    ]);
  });

  it("gives it a store that knows no account that there is not", async () => {
    const { controlPlane } = await openWithDroplet();
    const record = (await controlPlane.provisionStore.read(accountId.parse("acme")))!;
    const stranger = { ...record, account: accountId.parse("nobody"), revision: 1 };
    await expect(controlPlane.provisionStore.write({ record: stranger, activities: [] })).rejects.toThrow(
      NotFoundError,
    );
  });
});
