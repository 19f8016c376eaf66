import { randomUUID } from "node:crypto";
import { chmod, lstat, mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** The few things that are done with files here. Tests bring one that fails. */
export interface Files {
  /** The text of a file; null when there is none, or it is a link or a folder. */
  read(path: string): Promise<string | null>;
  /** Puts a file in place in one step, on the disk and readable for its owner alone. */
  replace(path: string, text: string): Promise<void>;
  /** Removes a file, if there is one. */
  remove(path: string): Promise<void>;
  /** Makes a folder for its owner alone, if there is none. Refuses a link. */
  makeFolder(path: string): Promise<void>;
  /** The names of what is in a folder; none when there is no such folder. */
  list(path: string): Promise<string[]>;
}

/** What a file is called until it is whole; a crash leaves it behind. */
const unfinished = /^\..+\.[0-9a-f-]{36}\.new$/;

/** Whether a name is that of a file that was never finished. */
export const isUnfinished = (name: string): boolean => unfinished.test(name);

/** The machine's files. */
export const nodeFiles: Files = {
  async read(path) {
    // A link may lead to anything: whoever made it, it is not what is looked for.
    if ((await statOf(path))?.isFile() !== true) return null;
    return await readFile(path, "utf8");
  },

  async replace(path, text) {
    const next = join(dirname(path), `.${basename(path)}.${randomUUID()}.new`);
    try {
      const file = await open(next, "wx", 0o600);
      try {
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(next, path);
      await syncFolder(dirname(path));
    } catch (error) {
      await rm(next, { force: true });
      throw error;
    }
  },

  remove: (path) => rm(path, { force: true }),

  async makeFolder(path) {
    await mkdir(path, { recursive: true, mode: 0o700 });
    if ((await statOf(path))?.isDirectory() !== true) throw new NotAFolderError(path);
    await chmod(path, 0o700);
  },

  list: (path) => readdir(path).catch(ignoreMissing([])),
};

/** Something that should be a folder is a link or a file. */
class NotAFolderError extends Error {
  /** As Node's own errors have it. */
  readonly code = "ENOTDIR";

  constructor(path: string) {
    super(`not a folder: ${path}`);
  }
}

function statOf(path: string) {
  return lstat(path).catch(ignoreMissing(null));
}

/** A rename is on the disk only once its folder is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function ignoreMissing<T>(instead: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code !== "ENOENT") throw error;
    return instead;
  };
}
