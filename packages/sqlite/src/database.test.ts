import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDatabase } from "./database.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lobster-"));
  path = join(folder, "lobster.db");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Whether this process has a lock on the file: without one, another that closes it takes itself for the last, and deletes the log. */
function isLocked(): boolean {
  const { ino } = statSync(path);
  return readFileSync("/proc/locks", "utf8")
    .split("\n")
    .some((line) => line.includes(` ${process.pid} `) && line.includes(`:${ino} `));
}

describe("a file that is opened", () => {
  it("is readable by its owner alone", () => {
    openDatabase(path).close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it.runIf(process.platform === "linux")("a second time in one process stays locked", () => {
    const first = openDatabase(path);
    first.exec("CREATE TABLE t (n INTEGER) STRICT");
    expect(isLocked()).toBe(true);
    const second = openDatabase(path);
    expect(isLocked()).toBe(true);
    first.close();
    second.close();
    expect(isLocked()).toBe(false);
  });
});
