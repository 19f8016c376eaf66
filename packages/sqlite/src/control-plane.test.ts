import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InvalidInputError } from "@lobstercontrol/core";
import { expect, it, onTestFinished } from "vitest";
import { createSqliteControlPlane, type SqliteControlPlane } from "./control-plane.ts";

it("stores service tokens as a hash alone (promise 8's habit)", async () => {
  const folder = mkdtempSync(join(tmpdir(), "lobster-"));
  const controlPlane = createSqliteControlPlane({ path: join(folder, "lobster.db") });
  onTestFinished(() => {
    controlPlane.close();
    rmSync(folder, { recursive: true });
  });
  await controlPlane.platform.upsertAccount({ account: "acme" });
  const admin = controlPlane.admin({ id: "user-1" }, "acme");
  const { token } = await admin.issueServiceToken();
  for (const file of ["lobster.db", "lobster.db-wal"])
    expect(readFileSync(join(folder, file)).includes(token.reveal())).toBe(false);
  expect(JSON.stringify([await admin.serviceTokens(), (await admin.activities()).items])).not.toContain(
    token.reveal(),
  );
});

it.each<[string, () => unknown]>([
  ["path", () => createSqliteControlPlane({ path: undefined as never })],
  ["path", () => createSqliteControlPlane({ path: "" })],
  ["token", () => opened().runtime(undefined as never)],
  ["actor", () => opened().admin("user-1" as never, "acme")],
  ["actor", () => opened().admin({ actor: "user-1" } as never, "acme")],
])("names what it is not given: %s", (field, call) => {
  expect(call).toThrow(`${field}: must be`);
});

function opened(): SqliteControlPlane {
  const controlPlane = createSqliteControlPlane({ path: ":memory:" });
  onTestFinished(() => controlPlane.close());
  return controlPlane;
}

it("refuses a cursor of messages that it did not give", async () => {
  const controlPlane = createSqliteControlPlane({ path: ":memory:" });
  onTestFinished(() => controlPlane.close());
  await expect(controlPlane.platform.messages({ after: "x" })).rejects.toThrow(InvalidInputError);
});
