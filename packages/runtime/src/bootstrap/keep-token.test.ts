import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secret } from "@lobstercontrol/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { keepToken } from "./keep-token.ts";
import { keepWorkerId } from "./keep-worker-id.ts";
import { createDurably, writeDurably } from "../write-durably.ts";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "lobster-"))));
afterEach(() => rmSync(folder, { recursive: true }));

const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe("a token that is not there", () => {
  it("is made with 256 random bits, in a file that its owner alone can read, in a folder of its own", async () => {
    const file = join(folder, "state", "service-token");
    const token = await keepToken({ token: null, file }, "lcs_");
    expect(token.reveal()).toMatch(/^lcs_[\w-]{43}$/);
    expect(readFileSync(file, "utf8")).toBe(`${token.reveal()}\n`);
    expect([modeOf(file), modeOf(join(folder, "state"))]).toEqual([0o600, 0o700]);
    expect(readdirSync(join(folder, "state"))).toEqual(["service-token"]);
  });

  it("is the same for all who make it at once", async () => {
    const source = { token: null, file: join(folder, "token") };
    const tokens = await Promise.all(Array.from({ length: 20 }, () => keepToken(source, "lcs_")));
    expect(new Set(tokens.map((token) => token.reveal())).size).toBe(1);
  });

  it("is made in the place of a file that is empty", async () => {
    const file = join(folder, "token");
    writeFileSync(file, "");
    const token = await keepToken({ token: null, file }, "");
    expect(readFileSync(file, "utf8").trim()).toBe(token.reveal());
  });
});

it("a token that is there is left alone", async () => {
  const token = new Secret("given");
  expect(await keepToken({ token, file: null }, "lcs_")).toBe(token);
});

describe("a worker id", () => {
  it("is the same at each start, and a new one when nothing is kept", async () => {
    const first = await keepWorkerId(join(folder, "state"));
    expect(await keepWorkerId(join(folder, "state"))).toBe(first);
    expect(await keepWorkerId(null)).not.toBe(await keepWorkerId(null));
  });

  it("is made anew when what is kept cannot be one", async () => {
    writeFileSync(join(folder, "worker-id"), "two words\n");
    const made = await keepWorkerId(folder);
    expect(made).toMatch(/^worker-/);
    expect(await keepWorkerId(folder)).toBe(made);
  });
});

describe("a file that is written durably", () => {
  it("replaces the one that is there, or does not, as it is asked to", async () => {
    const path = join(folder, "file");
    expect(await createDurably(path, "one")).toBe(true);
    expect(await createDurably(path, "two")).toBe(false);
    expect(readFileSync(path, "utf8")).toBe("one");
    await writeDurably(path, "three");
    expect(readFileSync(path, "utf8")).toBe("three");
    expect(readdirSync(folder)).toEqual(["file"]);
  });

  it("leaves nothing behind when it cannot be", async () => {
    const path = join(folder, "a-folder");
    mkdirSync(path);
    await expect(writeDurably(path, "text")).rejects.toThrow();
    expect(readdirSync(folder)).toEqual(["a-folder"]);
  });
});
