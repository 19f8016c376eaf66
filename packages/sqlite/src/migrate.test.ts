import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSqliteControlPlane } from "./control-plane.ts";
import { openDatabase } from "./database.ts";
import { DatabaseError, DatabaseNewerError } from "./errors.ts";
import { migrate } from "./migrate.ts";
import { migrations } from "./migrations.ts";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "lobster-"))));
afterEach(() => rmSync(folder, { recursive: true }));
const path = () => join(folder, "lobster.db");

function versionOf(file: string): number {
  const database = openDatabase(file);
  const { version } = database.get<{ version: number }>(
    "SELECT max(version) AS version FROM schema_versions",
  )!;
  database.close();
  return version;
}

describe("a file of another version", () => {
  it.each(migrations.map((_, version) => version))(
    "opens when it was written at version %i",
    async (version) => {
      const old = openDatabase(path());
      migrate(old, migrations.slice(0, version), 0);
      old.close();
      const controlPlane = createSqliteControlPlane({ path: path() });
      await controlPlane.platform.upsertAccount({ account: "acme" });
      controlPlane.close();
      expect(versionOf(path())).toBe(migrations.length);
    },
  );

  it("keeps what it holds when it takes a further step", () => {
    const steps = [
      "CREATE TABLE a (n INTEGER) STRICT",
      "ALTER TABLE a ADD COLUMN m INTEGER NOT NULL DEFAULT 7",
    ];
    const database = openDatabase(path());
    migrate(database, steps.slice(0, 1), 0);
    database.run("INSERT INTO a VALUES (1)");
    migrate(database, steps, 0);
    migrate(database, steps, 0);
    expect(database.all("SELECT n, m FROM a")).toEqual([{ n: 1, m: 7 }]);
    database.close();
  });

  it("is refused when a newer version has written it, and left as it is", () => {
    const newer = openDatabase(path());
    migrate(newer, [...migrations, "CREATE TABLE from_the_future (n INTEGER) STRICT"], 0);
    newer.close();
    expect(() => createSqliteControlPlane({ path: path() })).toThrow(DatabaseNewerError);
    expect(versionOf(path())).toBe(migrations.length + 1);
  });

  it("stays at its version when a step fails half way", () => {
    const database = openDatabase(path());
    migrate(database, ["CREATE TABLE a (n INTEGER) STRICT"], 0);
    expect(() => migrate(database, ["", "CREATE TABLE b (n INTEGER) STRICT; SELECT nonsense"], 0)).toThrow();
    expect(database.all("SELECT name FROM sqlite_schema WHERE name IN ('a', 'b')")).toEqual([{ name: "a" }]);
    database.close();
  });
});

describe("a file that cannot be used", () => {
  it("is refused with the way out when its folder is missing", () => {
    expect(() => createSqliteControlPlane({ path: join(folder, "missing", "lobster.db") })).toThrow(
      DatabaseError,
    );
  });

  it("is refused when it is no database, and left as it is", () => {
    writeFileSync(path(), "This is a letter, not a database. ".repeat(100));
    const size = statSync(path()).size;
    expect(() => createSqliteControlPlane({ path: path() })).toThrow(/not a database/);
    expect(statSync(path()).size).toBe(size);
  });
});

it.skipIf(process.platform === "win32")("can be read by its owner alone", async () => {
  const controlPlane = createSqliteControlPlane({ path: path() });
  await controlPlane.platform.upsertAccount({ account: "acme" });
  for (const file of [path(), `${path()}-wal`, `${path()}-shm`]) expect(statSync(file).mode & 0o077).toBe(0);
  controlPlane.close();
});
