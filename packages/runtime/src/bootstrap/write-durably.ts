import { randomUUID } from "node:crypto";
import { link, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Writes a file, readable for its owner alone, so that after a crash it is there whole or not at all: beside it first, then
 * in one step to its place, and both steps on the disk before this resolves. A file that is there is replaced.
 *
 * @param path the file; its folder is made when it is not there
 * @param text all of it
 */
export async function writeDurably(path: string, text: string): Promise<void> {
  await writeBeside(path, text, (next) => rename(next, path));
}

/**
 * The same for a file that must not be there: of two that write at once, one wins.
 *
 * @returns false when it is there already
 */
export async function createDurably(path: string, text: string): Promise<boolean> {
  try {
    await writeBeside(path, text, (next) => link(next, path));
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

async function writeBeside(
  path: string,
  text: string,
  place: (next: string) => Promise<void>,
): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const next = `${path}.${randomUUID()}.new`;
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
