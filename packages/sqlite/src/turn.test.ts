import { afterEach, describe, expect, it } from "vitest";
import { LobsterError } from "@lobstercontrol/core";
import { openDatabase, type Database } from "./database.ts";
import { DatabaseClosedError, DatabaseError } from "./errors.ts";
import { createTurn } from "./turn.ts";
import { openWriteAheadLog, type WriteAheadLog } from "./write-ahead-log.ts";

let database: Database;
afterEach(() => database.close());

function open(disk?: WriteAheadLog) {
  database = openDatabase(":memory:");
  database.exec("CREATE TABLE t (n INTEGER PRIMARY KEY) STRICT");
  const log: string[] = [];
  const spied: Database = {
    ...database,
    run(sql, ...values) {
      if (/BEGIN|COMMIT|ROLLBACK$/.test(sql)) log.push(sql);
      return database.run(sql, ...values);
    },
  };
  return { turn: createTurn(spied, disk ?? openWriteAheadLog(database)), log };
}

/** A disk that takes what it is given when it is told to. */
function slowDisk() {
  const asked: ((error: Error | null) => void)[] = [];
  const disk: WriteAheadLog = { sync: (done) => void asked.push(done), syncNow() {}, close() {} };
  return { disk, asked };
}
const insert = (n: number) => () => database.run("INSERT INTO t VALUES (?)", n);
const stored = () => database.all<{ n: number }>("SELECT n FROM t ORDER BY n").map(({ n }) => n);

/** Lets the event loop go round so often. */
async function rounds(count: number): Promise<void> {
  for (let round = 0; round < count; round++) await new Promise((resolve) => void setImmediate(resolve));
}

describe("a turn", () => {
  it("is over at once when nothing else comes", async () => {
    const { turn, log } = open();
    void turn.write(insert(1));
    await rounds(1);
    expect(log).toEqual(["BEGIN IMMEDIATE", "COMMIT"]);
  });

  it("goes on while calls keep coming, and not for ever", async () => {
    const { turn, log } = open();
    const calls: Promise<unknown>[] = [];
    for (let n = 1; n <= 30; n += 2) {
      calls.push(turn.write(insert(n)), turn.write(insert(n + 1)));
      await rounds(1);
    }
    await Promise.all(calls);
    expect(stored()).toHaveLength(30);
    // Thirty calls that came in fifteen rounds.
    expect(log.filter((sql) => sql === "COMMIT")).toHaveLength(3);
  });
});

describe("what is committed and not on the disk yet", () => {
  it("is answered once it is there; meanwhile calls gather for one more commit", async () => {
    const { disk, asked } = slowDisk();
    const { turn, log } = open(disk);
    const answered: string[] = [];
    const calls = [turn.write(insert(1)).then(() => answered.push("first"))];
    await rounds(3);
    for (const n of [2, 3]) {
      calls.push(turn.write(insert(n)).then(() => answered.push("later")));
      await rounds(3);
    }
    expect({ answered, log, asked: asked.length }).toEqual({
      answered: [],
      log: ["BEGIN IMMEDIATE", "COMMIT"],
      asked: 1,
    });
    asked[0]!(null);
    await rounds(3);
    expect({ answered, asked: asked.length }).toEqual({ answered: ["first"], asked: 2 });
    asked[1]!(null);
    await Promise.all(calls);
    expect(log).toHaveLength(4);
  });

  it("is read once it is there", async () => {
    const { disk, asked } = slowDisk();
    const { turn } = open(disk);
    const written = turn.write(insert(1));
    await rounds(3);
    const read: number[][] = [];
    const reading = turn.read(stored).then((rows) => read.push(rows));
    await rounds(3);
    expect(read).toEqual([]);
    asked[0]!(null);
    await Promise.all([written, reading]);
    expect(read).toEqual([[1]]);
  });

  it("is refused to whoever wrote or read it when the disk does not take it, and so is every later call", async () => {
    const { disk, asked } = slowDisk();
    const { turn, log } = open(disk);
    const effects: string[] = [];
    const written = turn.write((afterCommit) => {
      insert(1)();
      afterCommit(() => effects.push("woken"));
    });
    await rounds(3);
    const results = Promise.allSettled([written, turn.read(stored), turn.write(insert(2))]);
    asked[0]!(Object.assign(new Error("i/o error"), { code: "EIO" }));
    const later = Promise.allSettled([turn.write(insert(3)), turn.read(stored)]);
    for (const result of [...(await results), ...(await later)])
      expect(result).toMatchObject({
        status: "rejected",
        reason: { code: "ERR_DISK_FAILED", message: expect.stringContaining("EIO"), retryable: false },
      });
    await rounds(3);
    expect({ effects, log }).toEqual({ effects: [], log: ["BEGIN IMMEDIATE", "COMMIT"] });
    turn.close();
    database = openDatabase(":memory:");
  });

  it("is brought there at once when the file is closed, with what waits for the next commit", async () => {
    const { disk } = slowDisk();
    const { turn, log } = open(disk);
    const synced: string[][] = [];
    disk.syncNow = () => void synced.push([...log]);
    const calls = [turn.write(insert(1))];
    await rounds(3);
    calls.push(turn.write(insert(2)));
    turn.close();
    await Promise.all(calls);
    expect(synced).toEqual([["BEGIN IMMEDIATE", "COMMIT", "BEGIN IMMEDIATE", "COMMIT"]]);
    database = openDatabase(":memory:");
  });
});

describe("a call that is answered ahead", () => {
  it("is so as soon as it is committed, and the call that follows it brings both to the disk", async () => {
    const { disk, asked } = slowDisk();
    const { turn, log } = open(disk);
    const answered: string[] = [];
    const calls = turn.writeAhead(insert(1)).then(async () => {
      answered.push("ahead");
      await turn.write(insert(2));
      answered.push("on the disk");
    });
    await rounds(5);
    expect({ answered, asked: asked.length, commits: log.length / 2 }).toEqual({
      answered: ["ahead"],
      asked: 1,
      commits: 2,
    });
    asked[0]!(null);
    await calls;
    expect(answered).toEqual(["ahead", "on the disk"]);
  });

  it("does not wait while the disk is busy, and is brought there next", async () => {
    const { disk, asked } = slowDisk();
    const { turn } = open(disk);
    const written = turn.write(insert(1));
    await rounds(3);
    await turn.writeAhead(insert(2));
    const read: number[][] = [];
    const reading = turn.read(stored).then((rows) => read.push(rows));
    await rounds(10);
    expect(asked).toHaveLength(1);
    asked[0]!(null);
    await written;
    await rounds(5);
    // Who reads acts upon what it sees: it waits.
    expect({ read, asked: asked.length }).toEqual({ read: [], asked: 2 });
    asked[1]!(null);
    await reading;
    expect(read).toEqual([[1, 2]]);
  });

  it("is worth nothing when the disk does not take it: every later call is refused", async () => {
    const { disk, asked } = slowDisk();
    const { turn } = open(disk);
    await turn.writeAhead(insert(1));
    await rounds(5);
    asked[0]!(Object.assign(new Error("i/o error"), { code: "EIO" }));
    await expect(turn.write(insert(2))).rejects.toMatchObject({ code: "ERR_DISK_FAILED" });
    turn.close();
    database = openDatabase(":memory:");
  });

  it("is brought to the disk when the file is closed", async () => {
    const { disk } = slowDisk();
    const { turn, log } = open(disk);
    const synced: string[][] = [];
    disk.syncNow = () => void synced.push([...log]);
    await turn.writeAhead(insert(1));
    turn.close();
    expect(synced).toEqual([["BEGIN IMMEDIATE", "COMMIT"]]);
    database = openDatabase(":memory:");
  });

  it("is refused by itself", async () => {
    const { turn } = open();
    await turn.write(insert(1));
    await expect(turn.writeAhead(insert(1))).rejects.toMatchObject({ code: "ERR_DATABASE" });
    await turn.write(insert(2));
    expect(stored()).toEqual([1, 2]);
  });
});

describe("the calls of one turn", () => {
  it("share one commit, and are answered only after it", async () => {
    const { turn, log } = open();
    const answered: number[] = [];
    const calls = [1, 2, 3].map(async (n) => {
      await turn.write(insert(n));
      answered.push(n);
      expect(log).toEqual(["BEGIN IMMEDIATE", "COMMIT"]);
    });
    expect(answered).toEqual([]);
    await Promise.all(calls);
    expect(answered).toEqual([1, 2, 3]);
    expect(stored()).toEqual([1, 2, 3]);
  });

  it("are undone one by one: a refusal takes nobody else with it", async () => {
    const { turn } = open();
    const refused = turn.write(() => {
      insert(2)();
      throw new LobsterError({ code: "ERR_X", message: "no", hint: "no", retryable: false });
    });
    const results = await Promise.allSettled([
      turn.write(insert(1)),
      refused,
      turn.write(insert(1)),
      turn.write(insert(3)),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected", "fulfilled"]);
    expect(stored()).toEqual([1, 3]);
  });

  it("are all rejected when the commit fails, and nothing is stored", async () => {
    database = openDatabase(":memory:");
    database.exec("CREATE TABLE t (n INTEGER PRIMARY KEY) STRICT");
    const failing: Database = {
      ...database,
      run(sql, ...values) {
        if (sql === "COMMIT") throw new Error("disk I/O error");
        return database.run(sql, ...values);
      },
    };
    const turn = createTurn(failing, openWriteAheadLog(database));
    const effects: string[] = [];
    const results = await Promise.allSettled([
      turn.write((afterCommit) => {
        insert(1)();
        afterCommit(() => effects.push("woken"));
      }),
      turn.write(insert(2)),
    ]);
    for (const result of results)
      expect(result).toMatchObject({ status: "rejected", reason: { code: "ERR_DATABASE" } });
    expect(stored()).toEqual([]);
    expect(effects).toEqual([]);
    expect(database.inTransaction()).toBe(false);
  });

  it("wake others after the commit, and only for what was stored", async () => {
    const { turn, log } = open();
    const effects: string[][] = [];
    const refused = turn.write((afterCommit) => {
      afterCommit(() => effects.push(["refused"]));
      throw new Error("no");
    });
    await Promise.allSettled([
      turn.write((afterCommit) => afterCommit(() => effects.push([...log]))),
      refused,
    ]);
    expect(effects).toEqual([["BEGIN IMMEDIATE", "COMMIT"]]);
  });

  it("are all rejected when SQLite gives up the whole transaction in the middle", async () => {
    const { turn } = open();
    const results = await Promise.allSettled([
      turn.write(insert(1)),
      turn.write(() => {
        database.exec("ROLLBACK");
        throw new Error("disk I/O error");
      }),
      turn.write(insert(2)),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    expect(stored()).toEqual([]);
    await turn.write(insert(3));
    expect(stored()).toEqual([3]);
  });
});

it("stores what is waiting when it is closed, and refuses later calls", async () => {
  const { turn } = open();
  const waiting = turn.write(insert(1));
  const closing = openDatabase(":memory:");
  turn.close();
  await waiting;
  await expect(turn.write(insert(2))).rejects.toThrow(DatabaseClosedError);
  await expect(turn.read(stored)).rejects.toThrow(DatabaseClosedError);
  database = closing;
});

it("says what to do when the disk is full", async () => {
  const { turn } = open();
  const { page_count: pages } = database.get<{ page_count: number }>("PRAGMA page_count")!;
  database.exec("CREATE TABLE big (text TEXT) STRICT");
  database.exec(`PRAGMA max_page_count = ${pages + 10}`);
  const error = await turn
    .write(() => database.run("INSERT INTO big VALUES (?)", "x".repeat(1_000_000)))
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(DatabaseError);
  expect(error).toMatchObject({
    message: expect.stringContaining("full"),
    hint: expect.stringContaining("Free some space"),
  });
  await turn.write(insert(1));
  expect(stored()).toEqual([1]);
});
