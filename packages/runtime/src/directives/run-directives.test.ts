import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger, type Directive, type DirectiveEnd } from "@lobstercontrol/core";
import { ControlTimeoutError } from "@lobstercontrol/openclaw-client/control";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DirectiveFailed } from "./directive-failed.ts";
import { openJournal } from "./journal.ts";
import { createDirectiveRunner, type Done } from "./run-directives.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lobster-"));
  path = join(folder, "directives.json");
});
afterEach(() => rmSync(folder, { recursive: true }));

async function open(carryOut: (directive: Directive) => Promise<Done>) {
  const ends: DirectiveEnd[] = [];
  const done: string[] = [];
  const stop = new AbortController();
  const journal = await openJournal(path);
  const runner = createDirectiveRunner({
    journal,
    signal: stop.signal,
    logger: silentLogger,
    onEnd: (end) => ends.push(end),
    async carryOut(directive) {
      done.push(directive.id);
      return await carryOut(directive);
    },
  });
  return { runner, ends, done, stop, journal };
}

const fine = async (): Promise<Done> => ({ ok: true, message: "Done." });
const resync = (id: string): Directive => ({ id, kind: "resync" });

it("carries each directive out once, one after another, oldest first, however often it is handed out", async () => {
  let atOnce = 0;
  const { runner, ends, done } = await open(async () => {
    expect(++atOnce).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 2));
    atOnce--;
    return await fine();
  });
  for (let report = 0; report < 5; report++) runner.take([resync("d1"), resync("d2")]);
  await expect.poll(() => ends.map(({ id }) => id)).toEqual(["d1", "d2"]);
  expect(done).toEqual(["d1", "d2"]);
});

it("tells the end again of one that is handed out again, and does not do it again", async () => {
  const { runner, ends, done } = await open(fine);
  runner.take([resync("d1")]);
  await expect.poll(() => ends).toHaveLength(1);
  runner.take([resync("d1")]);
  expect(ends).toHaveLength(2);
  expect(ends[1]).toEqual(ends[0]);
  expect(done).toEqual(["d1"]);
});

it("a process that is started anew knows how those before it ended", async () => {
  const first = await open(async () => ({ ok: false, message: "It could not be." }));
  first.runner.take([resync("d1")]);
  await expect.poll(() => first.ends).toHaveLength(1);
  const second = await open(fine);
  second.runner.take([resync("d1")]);
  expect([second.ends, second.done]).toEqual([[{ id: "d1", ok: false, message: "It could not be." }], []]);
});

describe("promise 12: what a directive failed of", () => {
  const key = ["sk", "0123456789abcdef0123"].join("-");
  it.each<[unknown, string]>([
    [new DirectiveFailed("There is no hook."), "There is no hook."],
    [new DirectiveFailed(`It said ${key}.`), "It said sk-[secret]."],
    [
      new ControlTimeoutError({ what: "restarting", timeoutMs: 5 }),
      "The gateway had not finished restarting",
    ],
    [new TypeError(`nothing for ${key}`), "It failed unexpectedly."],
  ])("%s is told as %s", async (error, said) => {
    const { runner, ends } = await open(() => Promise.reject(error));
    runner.take([resync("d1")]);
    await expect.poll(() => ends).toHaveLength(1);
    expect(ends[0]).toMatchObject({ id: "d1", ok: false });
    expect(ends[0]?.message).toContain(said);
    expect(ends[0]?.message).not.toContain(key);
    expect(readFileSync(path, "utf8")).not.toContain(key);
  });
});

it("one that a stopping process did not get to is left for the next", async () => {
  const first = await open(async () => {
    first.stop.abort();
    throw new DirectiveFailed("stopped");
  });
  first.runner.take([resync("d1"), resync("d2")]);
  await expect.poll(() => first.done).toEqual(["d1"]);
  const second = await open(fine);
  second.runner.take([resync("d1"), resync("d2")]);
  await expect.poll(() => second.ends.map(({ id }) => id)).toEqual(["d1", "d2"]);
  expect(first.ends).toEqual([]);
});

it("an end that the disk does not take is told all the same", async () => {
  const { runner, ends } = await open(async () => {
    rmSync(folder, { recursive: true });
    writeFileSync(folder, "a file in the folder's place");
    return await fine();
  });
  runner.take([resync("d1")]);
  await expect.poll(() => ends).toEqual([{ id: "d1", ok: true, message: "Done." }]);
  // Not done a second time either, when it is handed out before that was told.
  runner.take([resync("d1")]);
  expect(ends).toHaveLength(2);
});

describe("the journal", () => {
  it("is begun anew when what is there cannot be understood", async () => {
    for (const text of ["", "{", "[]", '{"ended":7}']) {
      writeFileSync(path, text);
      const journal = await openJournal(path);
      expect(journal.state()).toEqual({
        ended: [],
        restart: null,
        upgrade: null,
        upgraded: null,
        release: null,
      });
    }
  });

  const underWay = { id: "d1", target: "v2", previous: "v1", step: "handedOver" } as const;

  it("knows of nothing under way that the disk did not take", async () => {
    const journal = await openJournal(path);
    await journal.change({ restart: { id: "d0" } });
    rmSync(folder, { recursive: true });
    writeFileSync(folder, "");
    await expect(journal.change({ upgrade: underWay })).rejects.toThrow();
    expect(journal.state()).toMatchObject({ restart: { id: "d0" }, upgrade: null });
    rmSync(folder);
    await journal.change({ release: "v1" });
    expect((await openJournal(path)).state()).toEqual(journal.state());
  });

  it("has nothing under way that has ended", async () => {
    const journal = await openJournal(path);
    await journal.change({ restart: { id: "d0" }, upgrade: underWay });
    await journal.end({ id: "d1", ok: false, message: "" });
    expect(journal.state()).toMatchObject({ restart: { id: "d0" }, upgrade: null });
    await journal.end({ id: "d0", ok: false, message: "" });
    expect(journal.state().restart).toBeNull();
    // Nor does one that an earlier version has left behind.
    await journal.change({ upgrade: underWay });
    expect((await openJournal(path)).state().upgrade).toBeNull();
  });

  it("keeps the last hundred ends, and everything else that it was told", async () => {
    const journal = await openJournal(path);
    const changes = Array.from({ length: 130 }, (_, index) =>
      journal.end({ id: `d${index}`, ok: true, message: "" }, { release: `v${index}` }),
    );
    await Promise.all(changes);
    const { ended, release } = (await openJournal(path)).state();
    expect([ended.length, ended[0]?.id, ended.at(-1)?.id, release]).toEqual([100, "d30", "d129", "v129"]);
  });
});
