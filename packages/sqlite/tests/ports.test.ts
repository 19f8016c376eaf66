import { adminPortSuite, runtimePortSuite, tenantIsolationSuite } from "@lobstercontrol/core/testing";
import { createSqliteControlPlane } from "@lobstercontrol/sqlite";
import { expect, it, onTestFinished } from "vitest";
import { testVault as vault } from "./test-vault.ts";

runtimePortSuite("SQLite", (options) => createSqliteControlPlane({ path: ":memory:", ...options }));
adminPortSuite("SQLite", (options) => createSqliteControlPlane({ path: ":memory:", vault, ...options }));
tenantIsolationSuite("SQLite", (options) =>
  createSqliteControlPlane({ path: ":memory:", vault, ...options }),
);

it("wakes at once, and once for each notification that is stored", async () => {
  const controlPlane = createSqliteControlPlane({ path: ":memory:" });
  onTestFinished(() => controlPlane.close());
  const account = "acme";
  await controlPlane.platform.upsertAccount({ account });
  await controlPlane.platform.upsertAgent({ account, agent: "writer" });
  const { token } = await controlPlane.admin({ id: "user-1" }, account).issueServiceToken();
  let calls = 0;
  controlPlane.runtime(token).watch!(() => calls++, new AbortController().signal);
  for (const idempotencyKey of ["1", "2", "2"])
    await controlPlane.platform.notify({ account, agent: "writer", thread: "t", input: "x", idempotencyKey });
  expect(calls).toBe(2);
});
