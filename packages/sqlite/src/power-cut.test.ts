import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDatabase, type Database } from "./database.ts";
import { createTurn, type Turn } from "./turn.ts";
import { openWriteAheadLog } from "./write-ahead-log.ts";

let folder: string;
let database: Database;
let turn: Turn;
/** What is on the disk for certain: the file and its log as they were when the last sync that has ended began. */
let onDisk: string | null;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lobster-"));
  onDisk = null;
  const path = join(folder, "lobster.db");
  database = openDatabase(path);
  database.exec("CREATE TABLE t (n INTEGER PRIMARY KEY) STRICT");
  const log = openWriteAheadLog(database);
  let copies = 0;
  turn = createTurn(database, {
    ...log,
    sync(done) {
      const copy = join(folder, String(copies++));
      mkdirSync(copy);
      for (const name of ["lobster.db", "lobster.db-wal"])
        if (existsSync(join(folder, name))) copyFileSync(join(folder, name), join(copy, name));
      log.sync((error) => {
        onDisk = copy;
        done(error);
      });
    },
  });
});
afterEach(() => {
  turn.close();
  rmSync(folder, { recursive: true });
});

/** What is there when the power comes back. */
function afterPowerCut(): number[] {
  if (onDisk === null) return [];
  const found = openDatabase(join(onDisk, "lobster.db"));
  const rows = found.all<{ n: number }>("SELECT n FROM t ORDER BY n").map(({ n }) => n);
  found.close();
  return rows;
}

const insert = (n: number) => turn.write(() => void database.run("INSERT INTO t VALUES (?)", n));
const seen = () =>
  turn.read(() => database.all<{ n: number }>("SELECT n FROM t ORDER BY n").map(({ n }) => n));

describe("when the power is cut", () => {
  it("whatever a call has answered is there", async () => {
    const answered: number[] = [];
    const calls: Promise<unknown>[] = [];
    for (let n = 0; n < 100; n++) {
      calls.push(
        insert(n).then(() => {
          answered.push(n);
          expect(afterPowerCut()).toEqual(expect.arrayContaining(answered));
        }),
      );
      // Some come together, some while the disk is busy, some long after.
      if (n % 3 === 0) await new Promise((resolve) => setTimeout(resolve, n % 4));
    }
    await Promise.all(calls);
    expect(answered).toHaveLength(100);
  });

  it("what was answered ahead is there once a later call has been answered", async () => {
    const calls: Promise<unknown>[] = [];
    for (let n = 0; n < 100; n += 2) {
      calls.push(
        turn
          .writeAhead(() => void database.run("INSERT INTO t VALUES (?)", n))
          .then(() => insert(n + 1))
          .then(() => expect(afterPowerCut()).toEqual(expect.arrayContaining([n, n + 1]))),
      );
      if (n % 3 === 0) await new Promise((resolve) => setTimeout(resolve, n % 4));
    }
    await Promise.all(calls);
    expect(await seen()).toHaveLength(100);
  });

  it("whatever a call has read is there", async () => {
    const calls: Promise<unknown>[] = [];
    for (let n = 0; n < 50; n++) {
      calls.push(insert(n));
      calls.push(seen().then((rows) => expect(afterPowerCut()).toEqual(expect.arrayContaining(rows))));
      await new Promise((resolve) => void setImmediate(resolve));
    }
    await Promise.all(calls);
    expect(await seen()).toHaveLength(50);
  });
});
