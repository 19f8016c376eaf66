import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createSqliteControlPlane, type SqliteControlPlane } from "./control-plane.ts";
import { openDatabase, type Database } from "./database.ts";
import { DatabaseBusyError } from "./errors.ts";

let folder: string;
let controlPlane: SqliteControlPlane;
let other: Database;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lobster-"));
  controlPlane = createSqliteControlPlane({ path: join(folder, "lobster.db") });
  other = openDatabase(join(folder, "lobster.db"));
});
afterEach(() => {
  vi.useRealTimers();
  other.close();
  controlPlane.close();
  rmSync(folder, { recursive: true });
});

it("waits for another process without stopping the event loop", async () => {
  other.exec("BEGIN IMMEDIATE");
  const order: string[] = [];
  const call = controlPlane.platform.upsertAccount({ account: "acme" }).then(() => order.push("stored"));
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setTimeout(resolve, 2));
  order.push("turned");
  other.exec("COMMIT");
  await call;
  expect(order).toEqual(["turned", "stored"]);
});

it("refuses the calls of the turn when the other process does not let go, and works again after", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "setImmediate", "performance"] });
  other.exec("BEGIN IMMEDIATE");
  const calls = Promise.allSettled(
    ["acme", "other"].map((account) => controlPlane.platform.upsertAccount({ account })),
  );
  await vi.advanceTimersByTimeAsync(6_000);
  for (const result of await calls)
    expect(result).toMatchObject({ status: "rejected", reason: expect.any(DatabaseBusyError) });
  other.exec("COMMIT");
  const again = controlPlane.platform.upsertAccount({ account: "acme" });
  await vi.advanceTimersByTimeAsync(1);
  await again;
  expect(other.all("SELECT id FROM accounts")).toEqual([{ id: "acme" }]);
});
