import { chmod, lstat, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { replaceDurably } from "../write-durably.ts";

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

/** The machine's files. */
export const nodeFiles: Files = {
  async read(path) {
    // A link may lead to anything: whoever made it, it is not what is looked for.
    if ((await statOf(path))?.isFile() !== true) return null;
    return await readFile(path, "utf8");
  },

  replace: replaceDurably,

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

function ignoreMissing<T>(instead: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    // ENOTDIR: what its folder should be is a file.
    if (error.code !== "ENOENT" && error.code !== "ENOTDIR") throw error;
    return instead;
  };
}
