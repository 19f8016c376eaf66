import { randomUUID } from "node:crypto";
import { link, mkdir, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** What a file is called until it is whole; a crash leaves it behind. */
const unfinished = /^\..+\.[0-9a-f-]{36}\.new$/;

/** Whether a name is that of a file that was never finished. */
export const isUnfinished = (name: string): boolean => unfinished.test(name);

/**
 * Writes a file, readable for its owner alone, so that after a crash it is there whole or not at all: beside it first, then
 * in one step to its place, and both steps on the disk before this resolves. A file that is there is replaced.
 *
 * @param path the file, in a folder that is there
 * @param text all of it
 */
export async function replaceDurably(path: string, text: string): Promise<void> {
  await writeBeside(path, text, (next) => rename(next, path));
}

/** The same, and makes the folder when it is not there. */
export async function writeDurably(path: string, text: string): Promise<void> {
  await makeFolderOf(path);
  await replaceDurably(path, text);
}

/**
 * The same again, for a file that must not be there: of two that write at once, one wins.
 *
 * @returns false when it is there already
 */
export async function createDurably(path: string, text: string): Promise<boolean> {
  await makeFolderOf(path);
  try {
    await writeBeside(path, text, (next) => link(next, path));
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

async function makeFolderOf(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
}

async function writeBeside(
  path: string,
  text: string,
  place: (next: string) => Promise<void>,
): Promise<void> {
  const folder = dirname(path);
  const next = join(folder, `.${basename(path)}.${randomUUID()}.new`);
  try {
    const file = await open(next, "wx", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await place(next);
  } finally {
    await rm(next, { force: true });
  }
  const opened = await open(folder, "r");
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}
